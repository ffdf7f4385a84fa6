"""`kevents store info`: what the store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags, takes_flags
from kevents.cli.program import terminal_of

if TYPE_CHECKING:
    pass

HELP = """Show where the store is, what it holds, and its size.

\b
    kevents store info
    kevents store info --store /data/events -o json
"""


def register(group: typer.Typer) -> None:
    group.command(help=HELP)(takes_flags(info))


def info(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    from dataclasses import replace

    from kevents import clock
    from kevents.cli.asking import open_store, output_of, zone_of
    from kevents.cli.output import write
    from kevents.query.selection import Selection
    from kevents.report.store_info import holdings

    terminal = terminal_of(context)
    now = clock.now()
    written = replace(output_of(output, now, zone_of(zone)), time=output.time or "absolute")
    written.check(terminal)
    opened = open_store(store, terminal)
    engine = opened.engine(Selection(), now)
    terminal.note(f"{opened.folder}")
    snapshot = opened.snapshot
    write(holdings(opened.folder, snapshot.files, snapshot.journal, engine), written, terminal)
