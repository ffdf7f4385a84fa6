"""`kevents patterns`: what recurs, folded into a line each."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flags import takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.questions import QuestionFlags, ShowSql

# \b keeps the lines of an example apart
HELP = """Show what recurs: one message again and again, as a line.

A pattern is one namespace, kind, reason and message with numbers (#), hashes and names (*) masked. Its rate is the
mean from the first to the last time; --min-rate looks at its busiest ten minutes. Repeats that one sighting tells
together count as evenly spread, and are no rhythm. The rhythm is

\b
    every ~5m  if it went on throughout, with half of its pauses alike
    burst      if it lasted less than a minute, or four fifths of it did
               not last ten
    bursts     if it happened in less than a fifth of its time
    steady     else

\b
    kevents patterns --since 1h
    kevents patterns -n shop --min-events 10 --min-rate 2/m
"""


def register(app: typer.Typer) -> None:
    app.command("patterns", help=HELP)(takes_flags(patterns))


def patterns(
    context: typer.Context,
    *,
    flags: QuestionFlags,
    show_sql: ShowSql = False,
    min_events: Annotated[int, typer.Option(metavar="N", min=1, help="Only what happened N times or more.")] = 3,
    min_rate: Annotated[
        str | None,
        typer.Option(metavar="RATE", help="Only what was faster than this, such as 2/m; else 0.5/m, errors aside."),
    ] = None,
) -> None:
    from kevents.cli.answer import write_answer, write_sql
    from kevents.cli.asking import Asking
    from kevents.query.user_sql import Rows
    from kevents.report.patterns import Patterns, Thresholds, parse_rate

    asking = Asking.of(terminal_of(context), flags)
    asked = Patterns(
        Thresholds(min_events, parse_rate(min_rate) if min_rate else None),
        Rows(flags.rows.sort_by, flags.rows.limit),
        capped=asking.is_capped,
    )
    if show_sql:
        write_sql(asking, asked.question.shown_sql)
    else:
        write_answer(asking, asked.answer(asking.engine()))
