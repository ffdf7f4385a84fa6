"""`kevents histogram`: event volume over time, as bars."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import FixedOrderFlags, ShowSql
from kevents.cli.program import terminal_of
from kevents.report.catalog import load

# \b keeps the line breaks of the paragraph that follows
HELP = """Event volume over time as a bar chart.

Repeats of an event are spread evenly between first and last seen. Buckets are aligned to round times (days: local
midnight). Time without a recorder is marked.

\b
    kevents histogram --since 3h
    kevents histogram --by severity --bucket 1d
"""
_MOST_SERIES = 7  # with more, the segments of a bar look alike


def register(app: typer.Typer) -> None:
    app.command("histogram", help=HELP)(takes_flags(histogram))


def histogram(
    context: typer.Context,
    *,
    flags: FixedOrderFlags,
    show_sql: ShowSql = False,
    by: Annotated[
        str | None,
        Flag(metavar="COLUMN", help="Stack by {choices}.", choices=load("histogram/histogram.sql").by),
    ] = None,
    bucket: Annotated[str, Flag(metavar="DURATION|auto", help="Bucket size: 30s, 5m, 1h, 1d.")] = "auto",
    top: Annotated[
        int, Flag(metavar="N", least=1, most=_MOST_SERIES, help='Number of series; the rest is shown as "other".')
    ] = 5,
) -> None:
    from kevents.cli.actions.histogram import draw_histogram

    draw_histogram(terminal_of(context), flags, by, bucket, top, show_sql=show_sql)
