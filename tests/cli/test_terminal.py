"""Standard error and the environment."""

from __future__ import annotations

import io

import pytest

from kevents.cli.terminal import Terminal
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
