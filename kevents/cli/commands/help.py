"""`kevents help`: commands and what they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.program import program_of, terminal_of
from kevents.errors import UsageError

if TYPE_CHECKING:
    from kevents.cli.console import Terminal
    from kevents.cli.topics.page import Page

HELP = """Explain a topic or a command; `topics` lists the topics.

\b
    kevents help topics
    kevents help times
    kevents help store prune
"""
_WIDTHS = (50, 80, 100)  # the least, what is usual in a pipe, and the most that reads well


def register(app: typer.Typer) -> None:
    app.command("help", help=HELP)(help_)


def help_(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="TOPIC", help="A topic, or a command.")] = None,
) -> None:
    from kevents.cli.topics import TOPICS, page_of

    terminal = terminal_of(context)
    asked = tuple(words or ())
    if asked == ("topics",):
        _write((tuple(TOPICS.items()), "kevents help TOPIC explains one, kevents help COMMAND a command."), terminal)
    elif len(asked) == 1 and asked[0] in TOPICS:
        _write(page_of(asked[0]), terminal)
    else:
        _of_command(asked, context)


def _of_command(words: tuple[str, ...], context: typer.Context) -> None:
    """The help of a command, or of all without words."""
    from kevents.cli.topics import TOPICS
    from kevents.suggest import meant

    root = context.find_root()
    known = getattr(root.command, "commands", {})
    if words and words[0] not in known:
        shown = [name for name, command in known.items() if not command.hidden]
        advice = "kevents help topics lists the topics, kevents --help the commands."
        raise UsageError(f'there is no topic and no command "{words[0]}"', meant(words[0], [*TOPICS, *shown], advice))
    program = program_of(context)
    if status := program.run([*words, "--help"], program.terminal, root.info_name or "kevents"):
        raise typer.Exit(status)


def _write(page: Page, terminal: Terminal) -> None:
    from kevents.cli.console import encodable
    from kevents.cli.pager import write_paged
    from kevents.cli.topics.page import written

    least, usual, most = _WIDTHS
    text = written(page, min(max(terminal.width or usual, least), most))
    terminal.stdout.flush()
    chunks = [encodable(line, terminal.stdout).encode(terminal.encoding) for line in text.splitlines(keepends=True)]
    if terminal.is_interactive:
        write_paged(chunks, terminal)
    else:
        terminal.stdout.write(encodable(text, terminal.stdout))
