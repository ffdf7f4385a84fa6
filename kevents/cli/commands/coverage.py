"""`kevents coverage`: for which times the store can speak, and where it has gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags, takes_flags
from kevents.cli.program import terminal_of

if TYPE_CHECKING:
    pass

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
    from kevents.cli.asking import open_store, output_of, zone_of
    from kevents.cli.output import write
    from kevents.report.coverage import coverage as covered

    terminal = terminal_of(context)
    written = replace(output_of(output, clock.now(), zone_of(zone)), time=output.time or "absolute")
    written.check(terminal)
    opened = open_store(store, terminal)
    write(covered(opened.folder, opened.snapshot.coverage), written, terminal)
    opened.care.look(opened.snapshot.journal)
