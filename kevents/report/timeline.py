"""The question of a time line around a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from kevents.event.severity import SEVERITIES
from kevents.query.user_sql import RowOptions
from kevents.report.catalog import load
from kevents.report.question import Question
from kevents.result import Result

_CLOSE = 20  # parts of a window: what happens within one of them is one thing to the eye
_MOST = 60  # lines that an eye follows


def timeline(at: datetime, window: timedelta, rows: RowOptions) -> Question:
    """What lies as long as the window before and after the moment; the engine's selection must end there."""
    close = window / _CLOSE // timedelta(microseconds=1)
    return Question(load("timeline.sql"), rows, values={"at": at, "close_us": close})


def shortened(result: Result) -> Result:
    """The lines for a screen, in their order: the worst, and of equals those nearest to the moment."""
    import pyarrow as pa

    table = pa.Table.from_batches(list(result.batches), result.batches.schema)  # type: ignore[attr-defined]
    if table.num_rows <= _MOST:
        return replace(result, batches=table.to_batches())
    ranks = [SEVERITIES.index(severity) for severity in table["severity"].to_pylist()]
    offsets = [abs(offset) for offset in table["offset"].to_pylist()]
    kept = sorted(sorted(range(table.num_rows), key=lambda row: (ranks[row], offsets[row]))[:_MOST])
    told = f"{table.num_rows - _MOST} lines of less weight are left out: --limit 0 shows all."
    return replace(result, batches=table.take(kept).to_batches(), notes=[*result.notes, told])
