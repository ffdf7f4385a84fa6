"""`kevents coverage`: for which times the store can speak, and where it has gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags, takes_flags

if TYPE_CHECKING:
    from kevents.cli.console import Terminal

HELP = """Show what was watched, listed or imported, and each gap.

Of a gap that was recovered in "all", everything came late; of one with the "latest", only the state in which events
were when it ended. The rest of what happened meanwhile is not known.

\b
    kevents coverage
    kevents coverage --utc -o csv
"""


def register(app: typer.Typer) -> None:
    app.command("coverage", help=HELP)(takes_flags(coverage))


def coverage(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    from dataclasses import replace

    from kevents import clock
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.output import write
    from kevents.query.care import Care
    from kevents.report.coverage import coverage as covered
    from kevents.store.locate import locate
    from kevents.store.store import Store

    terminal: Terminal = context.obj
    written = replace(output_of(output, clock.now(), zone_of(zone)), time=output.time or "absolute")
    written.check(terminal)
    opened, care = Store.open(locate(store.store, terminal.env)), Care(terminal.warn)
    snapshot = care.snapshot(opened)
    write(covered(opened.folder, snapshot.coverage), written, terminal)
    care.look(snapshot.journal)
