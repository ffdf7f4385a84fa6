"""`kevents store`: one module per subcommand, in the order of help."""

from __future__ import annotations

import typer

from kevents.cli.commands.store import compact, export, info, prune, repair, verify
from kevents.cli.typer_help import App

SUBCOMMANDS = (info, compact, prune, verify, repair, export)


def register(app: typer.Typer) -> None:
    group = App(help="Manage the event store.", no_args_is_help=True)
    group.callback()(_group)  # without a callback, typer would turn a group with one command into that command
    for subcommand in SUBCOMMANDS:
        subcommand.register(group)
    app.add_typer(group, name="store")


def _group() -> None:
    pass
