"""`kevents timeline`: what happened just before and after a moment."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flags import takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.questions import QuestionFlags, ShowSql

# \b keeps the lines of an example apart
HELP = """Show what happened just before and after a moment.

The moment is a time, the beginning of an event, or that of the worst event of an object; without --around that of the
worst event there is. The same message of an object is a line, with the time of the first, and so is the same message
of several objects at nearly the same time. The filters apply to what is shown.

\b
    kevents timeline --since 3h
    kevents timeline --around 10:05 --window 5m --severity notice
"""


def register(app: typer.Typer) -> None:
    app.command("timeline", help=HELP)(takes_flags(timeline))


def timeline(
    context: typer.Context,
    *,
    flags: QuestionFlags,
    show_sql: ShowSql = False,
    around: Annotated[
        str | None,
        typer.Option(metavar="TIME|TYPE/NAME", help="A time, TYPE/NAME, or the name of an event."),
    ] = None,
    window: Annotated[str, typer.Option(metavar="TIME", help="So long before and after.")] = "10m",
) -> None:
    from dataclasses import replace

    from kevents import clock as clocks
    from kevents.cli.anchoring import moment
    from kevents.cli.answer import write_answer, write_sql
    from kevents.cli.asking import Asking
    from kevents.query.user_sql import Rows
    from kevents.report.anchor import around as surrounding
    from kevents.report.timeline import shortened
    from kevents.report.timeline import timeline as asked

    asking = Asking.of(terminal_of(context), flags)
    length = clocks.parse_duration(window)
    found = moment(asking, around)
    at = found[0] if found else asking.output.now
    question = asked(at, length, Rows(flags.rows.sort_by, flags.rows.limit))
    if show_sql:
        write_sql(asking, question.shown_sql)
        return
    if found is None:
        write_answer(asking, question.answer(asking.engine()))
        return
    since, until = surrounding(at, length)
    near = replace(asking, selection=replace(asking.selection, since=since, until=until))
    answer = question.answer(near.engine())
    if near.is_capped and flags.rows.limit is None:
        answer = shortened(answer)
    write_answer(near, replace(answer, heading=(found[1],), empty=f"{found[1]} No events found near it."))
