"""`kevents store info`: path, contents and size of the store."""

from __future__ import annotations

import typer

from kevents.cli.flag import takes_flags
from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
from kevents.cli.program import terminal_of

HELP = """Show the path, contents and size of the store.

\b
    kevents store info
    kevents store info --store /data/events -o json
"""


def register(group: typer.Typer) -> None:
    group.command(help=HELP)(takes_flags(info))


def info(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    from kevents.cli.actions.store.info import show_info

    show_info(terminal_of(context), output, zone, store)
