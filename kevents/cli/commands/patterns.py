"""`kevents patterns`: similar messages, grouped across objects."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import QueryFlags, ShowSql
from kevents.cli.program import terminal_of

# \b keeps the line breaks of the paragraph that follows
HELP = """Group recurring messages.

A pattern is one namespace, kind, reason and message with numbers (#), hashes and names (*) masked. Its rate is the mean
from the first to the last time; --min-rate looks at its busiest ten minutes. Repeats known only as a count are assumed
evenly spaced and don't count as periodic. RHYTHM is

\b
    every ~5m  continuous, with at least half of the intervals equal
    burst      shorter than a minute, or at least 80% within ten minutes
    bursts     active in under 20% of its time span
    steady     otherwise

\b
    kevents patterns --since 1h
    kevents patterns -n shop --min-events 10 --min-rate 2/m
"""


def register(app: typer.Typer) -> None:
    app.command("patterns", help=HELP)(takes_flags(patterns))


def patterns(
    context: typer.Context,
    *,
    flags: QueryFlags,
    show_sql: ShowSql = False,
    min_events: Annotated[int, Flag(metavar="N", least=1, help="Only patterns with at least N occurrences.")] = 3,
    min_rate: Annotated[
        str | None,
        Flag(metavar="RATE", help="Minimum rate, e.g. 2/m (default 0.5/m; errors are always shown)."),
    ] = None,
) -> None:
    from kevents.cli.actions.patterns import show_patterns

    show_patterns(terminal_of(context), flags, min_events, min_rate, show_sql=show_sql)
