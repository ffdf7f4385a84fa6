"""`kevents store info`: what the store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags, takes_flags

if TYPE_CHECKING:
    from kevents.cli.console import Terminal

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
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.output import write
    from kevents.query.care import Care
    from kevents.query.engine import Engine
    from kevents.query.selection import Selection
    from kevents.report.holdings import holdings
    from kevents.store.locate import locate
    from kevents.store.store import Store

    terminal: Terminal = context.obj
    now = clock.now()
    written = replace(output_of(output, now, zone_of(zone)), time=output.time or "absolute")
    written.check(terminal)
    opened = Store.open(locate(store.store, terminal.env))
    care = Care(terminal.warn)
    snapshot = care.snapshot(opened)
    fresh = snapshot.fresh(now)
    care.look(snapshot.journal)
    terminal.note(f"{opened.folder}")
    engine = Engine(snapshot.files, Selection(), now, fresh and fresh.table, care=care)
    write(holdings(opened.folder, snapshot.files, snapshot.journal, engine), written, terminal)
