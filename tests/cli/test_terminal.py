"""Messages on standard error, colors, and the size of the terminal."""

from __future__ import annotations

import io

import pytest

from kevents.cli.terminal import Terminal
from kevents.errors import QueryError, UsageError


class Stream(io.StringIO):
    """A stream in memory that can pose as a terminal."""

    def __init__(self, *, is_terminal: bool = False) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def terminal_of(*, is_terminal: bool = False, columns: int | None = 80, **env: str) -> Terminal:
    return Terminal(Stream(), Stream(is_terminal=is_terminal), Stream(is_terminal=is_terminal), env, columns)


def errors_of(terminal: Terminal) -> str:
    """The text on standard error."""
    return terminal.stderr.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_an_error_is_a_message_and_a_hint_and_returns_its_exit_status() -> None:
    terminal = terminal_of()
    assert terminal.fail(UsageError("unknown flag --x", "See kevents --help.")) == 2
    assert errors_of(terminal) == "kevents: unknown flag --x\n  See kevents --help.\n"


def test_an_error_without_hint_is_one_line() -> None:
    terminal = terminal_of()
    assert terminal.fail(QueryError("no such column")) == 5
    assert errors_of(terminal) == "kevents: no such column\n"


def test_warnings_start_with_the_name_of_the_program_and_notes_do_not() -> None:
    terminal = terminal_of()
    terminal.warn("the file ends early")
    terminal.note("No events found.")
    assert errors_of(terminal) == "kevents: the file ends early\nNo events found.\n"


def test_text_from_outside_is_escaped_except_for_newlines() -> None:
    terminal = terminal_of()
    terminal.fail(QueryError("near \x1b[31mhere\nSELECT\n   ^", "\x9b"))
    assert errors_of(terminal) == "kevents: near ^[[31mhere\nSELECT\n   ^\n  \\x9b\n"


def test_an_ascii_standard_error_gets_escapes() -> None:
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
def test_color_depends_on_flag_environment_and_terminal_in_this_order(
    env: dict[str, str], is_terminal: bool, flag: bool | None, colored: bool
) -> None:
    assert terminal_of(is_terminal=is_terminal, **env).use_color(flag) is colored


def test_only_a_terminal_has_a_width() -> None:
    assert terminal_of(is_terminal=False).width is None
    assert terminal_of(is_terminal=True).width == 80
    assert terminal_of(is_terminal=True, columns=None, COLUMNS="132").width == 132
    assert terminal_of(is_terminal=True, columns=None, COLUMNS="wide").width is not None
