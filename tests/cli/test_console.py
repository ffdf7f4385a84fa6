"""Standard error, the environment and the progress line."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from kevents.cli.console import Progress, Terminal
from kevents.errors import QueryError, UsageError


class Stream(io.StringIO):
    """A stream, a terminal or not."""

    def __init__(self, *, is_terminal: bool = False) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def terminal(*, is_terminal: bool = False, columns: int | None = 80, **env: str) -> Terminal:
    return Terminal(Stream(), Stream(is_terminal=is_terminal), Stream(is_terminal=is_terminal), env, columns)


def said(world: Terminal) -> str:
    return world.stderr.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_an_error_is_a_sentence_and_a_hint_and_gives_its_exit_status() -> None:
    world = terminal()
    assert world.fail(UsageError("there is no such flag", "See kevents --help.")) == 2
    assert said(world) == "kevents: there is no such flag\n  See kevents --help.\n"


def test_an_error_without_hint_is_one_line() -> None:
    world = terminal()
    assert world.fail(QueryError("no such column")) == 5
    assert said(world) == "kevents: no such column\n"


def test_warnings_name_the_program_and_notes_do_not() -> None:
    world = terminal()
    world.warn("the file ends early")
    world.note("No events found.")
    assert said(world) == "kevents: the file ends early\nNo events found.\n"


def test_what_a_server_or_file_says_is_escaped_but_may_have_lines() -> None:
    world = terminal()
    world.fail(QueryError("near \x1b[31mhere\nSELECT\n   ^", "\x9b"))
    assert said(world) == "kevents: near ^[[31mhere\nSELECT\n   ^\n  \\x9b\n"


def test_standard_error_that_holds_only_ascii_gets_escapes() -> None:
    stderr = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    Terminal(Stream(), Stream(), stderr).note("中")
    assert stderr.buffer.getvalue() == b"\\u4e2d\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("env", "is_terminal", "flag", "colored"),
    [
        ({}, True, None, True),
        ({}, False, None, False),
        ({}, False, True, True),
        ({}, True, False, False),
        ({"NO_COLOR": "1"}, True, True, True),
        ({"NO_COLOR": "1"}, True, None, False),
        ({"NO_COLOR": ""}, True, None, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, None, False),
        ({"FORCE_COLOR": "1"}, False, None, True),
        ({"FORCE_COLOR": "0"}, False, None, False),
        ({"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, False, None, True),
        ({"CLICOLOR": "0"}, True, None, False),
        ({"CLICOLOR": "1"}, False, None, False),
        ({"TERM": "dumb"}, True, None, False),
    ],
)
def test_colour_is_flag_then_environment_then_terminal(
    env: dict[str, str], is_terminal: bool, flag: bool | None, colored: bool
) -> None:
    assert terminal(is_terminal=is_terminal, **env).use_color(flag) is colored


def test_only_a_terminal_has_a_width() -> None:
    assert terminal(is_terminal=False).width is None
    assert terminal(is_terminal=True).width == 80
    assert terminal(is_terminal=True, columns=None, COLUMNS="132").width == 132
    assert terminal(is_terminal=True, columns=None, COLUMNS="wide").width is not None


def ticking(*moments: float) -> Iterator[float]:
    yield from moments


def test_progress_shows_bytes_events_and_rate() -> None:
    world = terminal(is_terminal=True)
    clock = ticking(0, 2)
    progress = Progress(world, 4 * 2**20, lambda: next(clock))
    progress.update(2**20, 5000, "dump.json")
    assert said(world) == "\r\x1b[K1MiB of 4MiB (25%)  5,000 events  2,500 events/s  dump.json"
    progress.close()
    assert said(world).endswith("\r\x1b[K")


def test_progress_of_unknown_length_has_no_share() -> None:
    world = terminal(is_terminal=True)
    clock = ticking(0, 1)
    Progress(world, None, lambda: next(clock)).update(512, 1200)
    assert said(world) == "\r\x1b[K512B  1,200 events  1,200 events/s"


def test_progress_is_drawn_ten_times_a_second_at_most() -> None:
    world = terminal(is_terminal=True)
    clock = ticking(0, 1, 1.05, 1.09, 1.11)
    progress = Progress(world, None, lambda: next(clock))
    for events in (1, 2, 3, 4):
        progress.update(0, events)
    assert "1 event " in said(world)
    assert "2 events" not in said(world)
    assert "3 events" not in said(world)
    assert "4 events" in said(world)


def test_progress_stays_on_one_line_and_escapes_names() -> None:
    world = terminal(is_terminal=True, columns=40)
    clock = ticking(0, 1)
    Progress(world, None, lambda: next(clock)).update(0, 1, "evil\x1b[2J\n" + "x" * 100)
    line = said(world).removeprefix("\r\x1b[K")
    assert len(line) == 39
    assert "\x1b" not in line
    assert "\n" not in line


def test_progress_is_silent_where_standard_error_is_no_terminal() -> None:
    for world in (terminal(), terminal(is_terminal=True, TERM="dumb")):
        progress = Progress(world, 100)
        progress.update(50, 1, "dump.json")
        progress.close()
        assert said(world) == ""


def test_a_warning_takes_the_progress_line_away_and_it_comes_back() -> None:
    world = terminal(is_terminal=True)
    clock = ticking(0, 1, 1.01)
    progress = Progress(world, None, lambda: next(clock))
    progress.update(512, 10)
    world.warn("the file ends early")
    progress.update(512, 10)
    line = "\r\x1b[K512B  10 events  10 events/s"
    assert said(world) == f"{line}\r\x1b[Kkevents: the file ends early\n{line}"


def test_closing_a_progress_that_never_showed_says_nothing() -> None:
    world = terminal(is_terminal=True)
    Progress(world, 100).close()
    assert said(world) == ""
