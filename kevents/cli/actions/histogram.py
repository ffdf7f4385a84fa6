"""Draws event volume over time."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.answer import write_answer, write_sql
from kevents.cli.flag import words_of
from kevents.cli.request import Request
from kevents.report.coverage import gaps
from kevents.report.histogram.histogram import Histogram

if TYPE_CHECKING:
    from datetime import datetime

    from kevents.cli.flags import FixedOrderFlags, SelectionFlags
    from kevents.cli.terminal import Terminal
    from kevents.result import Result

_ROWS = 30  # if the height of the screen is unknown
_MIN_ROWS = 10
_OTHER_LINES = 6  # of a screen: legend, header, notes and the prompt


def draw_histogram(
    terminal: Terminal, flags: FixedOrderFlags, by: str | None, bucket: str, top: int, *, show_sql: bool
) -> None:
    """Write the bars, or the SQL. bucket: a duration or `auto`; top: the number of series."""
    request = Request.of(terminal, flags, time="clock")
    histogram = Histogram(
        engine=request.engine(),
        selection=request.selection,
        now=request.output.now,
        zone=request.output.zone,
        by=by,
        width=None if bucket == "auto" else clock.parse_duration(bucket),
        buckets=max(terminal.height - _OTHER_LINES, _MIN_ROWS) if terminal.height else _ROWS,
        top=top,
    )
    if show_sql:
        write_sql(request, histogram.question.shown_sql)
        return
    missed = [span for spans in gaps(request.store.snapshot.coverage, request.selection).values() for span in spans]
    answer = histogram.answer(missed, drawn=request.is_for_people)
    hint = _hint(histogram, answer, flags.selection) if request.is_for_people else []
    write_answer(request, replace(answer, notes=[*answer.notes, *hint]))


def _hint(histogram: Histogram, answer: Result, flags: SelectionFlags) -> list[str]:
    """Suggest overview for the busiest bucket. list could miss repeats whose event was last seen in a later bucket."""
    busiest = histogram.busiest_bucket(answer)
    if busiest is None:
        return []
    since, until = map(_iso, busiest)
    filters = words_of(flags, without=("since", "until"))
    command = ["kevents", "overview", *filters, "--since", since, "--until", until]
    return [f"Busiest bucket: {shlex.join(command)}"]


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
