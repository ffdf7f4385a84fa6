"""`kevents histogram`: how much happened when, as bars over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import SelectionFlags, takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.questions import DrawingFlags, ShowSql

if TYPE_CHECKING:
    from datetime import datetime

    from kevents.report.histogram.histogram import Histogram
    from kevents.result import Result

# \b keeps the lines of an example apart
HELP = """Show how much happened when, as bars over time.

Repeats of an event are spread evenly over the time in which they happened. Buckets begin at round times, days at
midnight where you are; what no recorder watched is marked.

\b
    kevents histogram --since 3h
    kevents histogram --by severity --bucket 1d
"""
_USUAL_ROWS = 30
_ROWS_AROUND = 6  # of a screen: legend, header, notes and the prompt
_FEWEST_ROWS = 10
_MOST_SERIES = 7  # beyond, the bars' segments look alike


def register(app: typer.Typer) -> None:
    app.command("histogram", help=HELP)(takes_flags(histogram))


def histogram(
    context: typer.Context,
    *,
    flags: DrawingFlags,
    show_sql: ShowSql = False,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Stack by reason, severity, type, category, namespace, …")
    ] = None,
    bucket: Annotated[str, typer.Option(metavar="TIME|auto", help="How long a bucket is: 30s, 5m, 1h, 1d.")] = "auto",
    top: Annotated[
        int, typer.Option(metavar="N", min=1, max=_MOST_SERIES, help="So many series; the rest is one.")
    ] = 5,
) -> None:
    from dataclasses import replace

    from kevents import clock as clocks
    from kevents.cli.answer import write_answer, write_sql
    from kevents.cli.asking import Asking
    from kevents.report.coverage import holes
    from kevents.report.histogram.histogram import Histogram

    asking = Asking.of(terminal_of(context), flags)
    asking = replace(asking, output=replace(asking.output, time=flags.output.time or "clock"))
    terminal = asking.terminal
    asked = Histogram(
        engine=asking.engine(),
        selection=asking.selection,
        now=asking.output.now,
        zone=asking.output.zone,
        by=by,
        width=None if bucket == "auto" else clocks.parse_duration(bucket),
        buckets=max(terminal.height - _ROWS_AROUND, _FEWEST_ROWS) if terminal.height else _USUAL_ROWS,
        top=top,
    )
    if show_sql:
        write_sql(asking, asked.question.shown_sql)
        return
    is_drawn = asking.output.check(terminal).for_people
    missed = [span for spans in holes(asking.store.snapshot.coverage, asking.selection).values() for span in spans]
    answer = asked.answer(missed, drawn=is_drawn)
    write_answer(
        asking, replace(answer, notes=[*answer.notes, *(_hint(asked, answer, flags.selection) if is_drawn else ())])
    )


def _hint(asked: Histogram, answer: Result, flags: SelectionFlags) -> list[str]:
    """Where to look next. An overview and no list: a repeat may be seen only later, in an event of another bucket."""
    import shlex

    from kevents.cli.retyped import retyped

    tallest = asked.tallest(answer)
    if tallest is None:
        return []
    since, until = (_typed(moment) for moment in tallest)
    command = ["kevents", "overview", *retyped(flags, without=("since", "until")), "--since", since, "--until", until]
    return [f"The tallest bar: {shlex.join(command)}"]


def _typed(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
