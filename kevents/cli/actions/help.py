"""Shows help for a command or a topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kevents.cli.pager import write_paged
from kevents.cli.terminal import encodable
from kevents.cli.topics import TOPICS, page_of
from kevents.cli.topics.page import formatted
from kevents.errors import ExitStatus, UsageError
from kevents.suggest import did_you_mean

if TYPE_CHECKING:
    from kevents.cli.program import Program
    from kevents.cli.terminal import Terminal
    from kevents.cli.topics.page import Page

_MIN_WIDTH, _PIPE_WIDTH, _MAX_WIDTH = 50, 80, 100  # columns


def show_help(program: Program, words: tuple[str, ...], commands: Mapping[str, bool], name: str) -> int:
    """Write the page of a topic, or the help of a command, by default of kevents. Returns the exit status.

    commands: the known commands, and whether help lists them. name: the name that the program was run as.
    """
    terminal = program.terminal
    if words == ("topics",):
        _write((tuple(TOPICS.items()), "Use kevents help TOPIC or kevents help COMMAND."), terminal)
        return ExitStatus.OK
    if len(words) == 1 and words[0] in TOPICS:
        _write(page_of(words[0]), terminal)
        return ExitStatus.OK
    if words and words[0] not in commands:
        known = [*TOPICS, *(command for command, is_shown in commands.items() if is_shown)]
        advice = "kevents help topics lists topics, kevents --help lists commands."
        raise UsageError(f'unknown topic or command "{words[0]}"', did_you_mean(words[0], known, advice))
    return program.run([*words, "--help"], terminal, name)


def _write(page: Page, terminal: Terminal) -> None:
    text = formatted(page, min(max(terminal.width or _PIPE_WIDTH, _MIN_WIDTH), _MAX_WIDTH))
    terminal.stdout.flush()
    chunks = [encodable(line, terminal.stdout).encode(terminal.encoding) for line in text.splitlines(keepends=True)]
    if terminal.is_interactive:
        write_paged(chunks, terminal)
    else:
        terminal.stdout.write(encodable(text, terminal.stdout))
