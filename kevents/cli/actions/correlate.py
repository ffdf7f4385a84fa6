"""Shows what else happened around an object's worst event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.actions.moment import worst_of
from kevents.cli.answer import write_answer, write_sql
from kevents.cli.request import Request
from kevents.escape import escape
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.correlate import correlate, correlation_keys
from kevents.report.describe.subject import parse

if TYPE_CHECKING:
    from kevents.cli.flags import QueryFlags
    from kevents.cli.terminal import Terminal


def correlate_object(
    terminal: Terminal, words: Sequence[str], flags: QueryFlags, around: str | None, window: str, *, show_sql: bool
) -> None:
    """Write what happened around the worst event of the object, or the SQL. around: use this time instead."""
    request = Request.of(terminal, flags)
    output = request.output
    kind, name = parse(words, "correlate")
    moment = clock.parse_time(around, output.now, output.zone) if around else None
    length = clock.parse_duration(window)
    subject, event, relatives = worst_of(request, kind, name)
    everything = replace(request.selection, clusters=(subject.cluster,), namespaces=(), kinds=(), names=(), objects=())
    namespaces = (subject.namespace,) if subject.namespace else ()
    of_object = Selection(
        clusters=everything.clusters, namespaces=namespaces, kinds=(subject.kind,), names=(subject.name,)
    )
    of_namespace = replace(of_object, kinds=(), names=())
    keys = correlation_keys(request.engine(of_object), request.engine(of_namespace), subject, event, relatives)
    at = moment or event.at
    question = replace(
        correlate(subject, event, keys, at, length),
        rows=RowOptions(flags.rows.sort_by, flags.rows.limit),
        capped=request.is_capped,
    )
    if show_sql:
        write_sql(request, question.shown_sql)
        return
    center = f": {escape(subject.place)}" if moment else f": start of {event.title()}"
    heading = f"Around {clock.absolute(at, output.zone)}{center}."
    answer = question.answer(request.engine(everything))
    write_answer(request, replace(answer, heading=(heading,), empty="No related events found around that time."))
