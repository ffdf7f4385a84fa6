"""`kevents store compact`: merges small files."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import StoreFlags, Texts
from kevents.cli.program import terminal_of

HELP = """Merge each day's small files into a few large ones.

Larger files compress better and are faster to read. Safe to run while other commands read or write, and safe to
interrupt. A running recorder does this by itself.

\b
    kevents store compact
    kevents store compact --cluster default
"""


def register(group: typer.Typer) -> None:
    group.command("compact", help=HELP)(takes_flags(compact))


def compact(
    context: typer.Context,
    *,
    cluster: Annotated[Texts, Flag(metavar="NAME", help="Only this cluster.")] = None,
    store: StoreFlags,
) -> None:
    from kevents.cli.actions.store.compact import compact_store

    compact_store(terminal_of(context), store, cluster or ())
