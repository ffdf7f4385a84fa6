"""The status line and the progress bar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from kevents.cli.progress import Progress, StatusLine
from tests.cli.test_terminal import errors_of, terminal_of

_ESCAPE = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]|\r")


def clock_of(*times: float) -> Callable[[], float]:
    """A clock that returns these times, one after the other."""
    clock: Iterator[float] = iter(times)
    return lambda: next(clock)


def plain(text: str) -> str:
    """The text without escapes."""
    return _ESCAPE.sub("", text)


def test_a_status_line_is_rewritten_in_place_and_erased_at_the_end() -> None:
    terminal = terminal_of(is_terminal=True)
    line = StatusLine(terminal, clock_of(0, 1))
    line.show(lambda: "watching")
    line.show(lambda: "full")
    line.close()
    assert errors_of(terminal) == "\r\x1b[Kwatching\r\x1b[Kfull\r\x1b[K"


def test_a_status_line_is_drawn_at_most_ten_times_per_second() -> None:
    terminal = terminal_of(is_terminal=True)
    line = StatusLine(terminal, clock_of(1, 1.05, 1.09, 1.11))
    for number in range(4):
        line.show(lambda number=number: f"line {number}")  # type: ignore[misc]
    assert [word for word in ("line 0", "line 1", "line 2", "line 3") if word in errors_of(terminal)] == [
        "line 0",
        "line 3",
    ]


def test_a_status_line_is_truncated_to_one_line() -> None:
    terminal = terminal_of(is_terminal=True, columns=40)
    StatusLine(terminal, clock_of(0)).show(lambda: "x" * 100)
    assert errors_of(terminal) == "\r\x1b[K" + "x" * 39


def test_a_warning_erases_the_status_line_which_is_drawn_again_later() -> None:
    terminal = terminal_of(is_terminal=True)
    line = StatusLine(terminal, clock_of(1, 1.01))
    line.show(lambda: "watching")
    terminal.warn("the file ends early")
    line.show(lambda: "watching")
    assert errors_of(terminal) == "\r\x1b[Kwatching\r\x1b[Kkevents: the file ends early\n\r\x1b[Kwatching"


def test_progress_shows_percentage_amount_detail_and_remaining_time() -> None:
    terminal = terminal_of(is_terminal=True, columns=120)
    now = [0.0]
    progress = Progress(terminal, 4 * 2**20, seconds=lambda: now[0])
    for now[0], done in ((0.0, 0), (1.0, 2**19), (2.0, 2**20)):
        progress.update(done, doing="importing", detail=f"5,000 events  {progress.rate(5000)}  dump.json")
    line = plain(errors_of(terminal)).rpartition("importing")[2]
    assert re.fullmatch(r" ━+╺━+ +25% 1MiB of 4MiB 5,000 events  2,500/s  dump.json 00:06", line), line
    progress.close()
    assert errors_of(terminal).endswith("\x1b[2K")


def test_progress_of_unknown_size_has_no_bar() -> None:
    terminal = terminal_of(is_terminal=True)
    Progress(terminal).update(512, detail="1,200 events")
    assert "512B 1,200 events" in plain(errors_of(terminal))
    assert "━" not in errors_of(terminal)
    assert "%" not in errors_of(terminal)


def test_progress_escapes_names_and_is_one_line() -> None:
    terminal = terminal_of(is_terminal=True, columns=60)
    Progress(terminal, 100).update(1, detail="[bold]evil\x1b[2J\n" + "x" * 100)
    text = errors_of(terminal)
    assert "\x1b[2J" not in text
    assert "[bold]evil^[[2J" in text
    assert len(plain(text).strip("\n").splitlines()) == 1


@pytest.mark.parametrize("env", [{}, {"TERM": "dumb"}])
def test_progress_is_not_shown_without_a_terminal(env: dict[str, str]) -> None:
    terminal = terminal_of(is_terminal=bool(env), **env)
    with Progress(terminal, 100) as progress:
        progress.update(50, doing="exporting")
    assert errors_of(terminal) == ""


def test_a_warning_erases_the_bar_which_is_drawn_again_later() -> None:
    terminal = terminal_of(is_terminal=True)
    with Progress(terminal, 100) as progress:
        progress.update(50, doing="exporting")
        terminal.warn("the file ends early")
        before, after = errors_of(terminal).split("kevents: the file ends early\n")
        assert before.endswith("\x1b[2K")
        progress.update(60, doing="exporting")
        assert "60B of 100B" in errors_of(terminal)
    assert after == ""


def test_closing_an_unused_progress_bar_writes_nothing() -> None:
    terminal = terminal_of(is_terminal=True)
    Progress(terminal, 100).close()
    assert errors_of(terminal) == ""
