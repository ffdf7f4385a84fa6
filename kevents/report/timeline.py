"""The timeline report: what happened just before and after a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from kevents.event.severity import SEVERITIES
from kevents.query.user_sql import RowOptions
from kevents.report.catalog import load
from kevents.report.question import Question
from kevents.result import Result

_PARTS = 20  # identical messages of several objects within this fraction of the window are one line
_MAX_LINES = 60  # on a screen


def timeline(at: datetime, length: timedelta, rows: RowOptions) -> Question:
    """The events of the length before and after the moment. The engine's selection must be that window."""
    close = length / _PARTS // timedelta(microseconds=1)
    return Question(load("timeline.sql"), rows, values={"at": at, "close_us": close})


def shortened(result: Result) -> Result:
    """The result with only the most important lines, in their order: the worst, then those nearest to the moment."""
    import pyarrow as pa

    table = pa.Table.from_batches(list(result.batches), result.batches.schema)  # type: ignore[attr-defined]
    hidden = table.num_rows - _MAX_LINES
    if hidden <= 0:
        return replace(result, batches=table.to_batches())
    ranks = [SEVERITIES.index(severity) for severity in table["severity"].to_pylist()]
    distances = [abs(offset) for offset in table["offset"].to_pylist()]
    by_importance = sorted(range(table.num_rows), key=lambda row: (ranks[row], distances[row]))
    kept = table.take(sorted(by_importance[:_MAX_LINES]))
    note = f"{hidden} less important {'line' if hidden == 1 else 'lines'} hidden; show all with --limit 0."
    return replace(result, batches=kept.to_batches(), notes=[*result.notes, note])
