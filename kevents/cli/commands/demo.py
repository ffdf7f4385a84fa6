"""`kevents demo`: the real commands, one after the other, on a sample incident in a temporary store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.program import program_of

HELP = """Run the real commands on a sample incident.

Uses a temporary store; your own store is untouched. Object names match the examples in other commands' help.

\b
    kevents demo
    kevents demo --keep demo-store
"""


def register(app: typer.Typer) -> None:
    app.command("demo", help=HELP)(takes_flags(demo))


def demo(
    context: typer.Context,
    *,
    keep: Annotated[
        Path | None, Flag(metavar="DIR", help="Keep the store in this directory, which must be new or empty.")
    ] = None,
) -> None:
    from kevents.cli.actions.demo import run_demo

    if status := run_demo(program_of(context), keep):
        raise typer.Exit(status)
