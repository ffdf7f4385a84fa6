"""Shows events just before and after a point in time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.actions.moment import moment
from kevents.cli.answer import write_answer, write_sql
from kevents.cli.request import Request
from kevents.query.user_sql import RowOptions
from kevents.report import anchor
from kevents.report.timeline import shortened, timeline

if TYPE_CHECKING:
    from kevents.cli.flags import QueryFlags
    from kevents.cli.terminal import Terminal


def show_timeline(terminal: Terminal, flags: QueryFlags, around: str | None, window: str, *, show_sql: bool) -> None:
    """Write the events in the window, or the SQL. around: a time, an event name or TYPE/NAME."""
    request = Request.of(terminal, flags)
    length = clock.parse_duration(window)
    center = moment(request, around)
    at = center[0] if center else request.output.now
    question = timeline(at, length, RowOptions(flags.rows.sort_by, flags.rows.limit))
    if show_sql:
        write_sql(request, question.shown_sql)
        return
    if center is None:
        write_answer(request, question.answer(request.engine()))
        return
    since, until = anchor.window_around(at, length)
    nearby = replace(request, selection=replace(request.selection, since=since, until=until))
    answer = question.answer(nearby.engine())
    if nearby.is_capped and flags.rows.limit is None:
        answer = shortened(answer)
    heading = center[1]
    write_answer(nearby, replace(answer, heading=(heading,), empty=f"{heading} No events found in the window."))
