"""`kevents help`: help for commands and topics."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.program import program_of

HELP = """Show help for a command or topic.

\b
    kevents help topics
    kevents help times
    kevents help store prune
"""


def register(app: typer.Typer) -> None:
    app.command("help", help=HELP)(help_)


def help_(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="TOPIC", help="A topic or a command.")] = None,
) -> None:
    from kevents.cli.actions.help import show_help

    root = context.find_root()
    commands = getattr(root.command, "commands", {})
    visible = {name: not command.hidden for name, command in commands.items()}
    if status := show_help(program_of(context), tuple(words or ()), visible, root.info_name or "kevents"):
        raise typer.Exit(status)
