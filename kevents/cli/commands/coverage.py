"""`kevents coverage`: which time ranges the store covers, and where it has gaps."""

from __future__ import annotations

import typer

from kevents.cli.flag import takes_flags
from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
from kevents.cli.program import terminal_of

HELP = """Show which time ranges are covered, and the gaps.

RECOVERED "all": every missed update was fetched later. "latest": only each event's final state was fetched; updates in
between are lost.

\b
    kevents coverage
    kevents coverage --utc -o csv
"""


def register(app: typer.Typer) -> None:
    app.command("coverage", help=HELP)(takes_flags(coverage))


def coverage(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    from kevents.cli.actions.coverage import show_coverage

    show_coverage(terminal_of(context), output, zone, store)
