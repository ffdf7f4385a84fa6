"""`kevents store`: the store itself, a subcommand a file, in the order in which help shows them."""

from __future__ import annotations

import typer

from kevents.cli.commands.store import compact, export, info, prune, repair, verify
from kevents.cli.grammar import App

SUBCOMMANDS = (info, compact, prune, verify, repair, export)


def register(app: typer.Typer) -> None:
    group = App(help="The store: where it is and what it holds.", no_args_is_help=True)
    group.callback()(_group)  # without it, a group of one command would be that command
    for one in SUBCOMMANDS:
        one.register(group)
    app.add_typer(group, name="store")


def _group() -> None:
    pass
