"""The newest events, without reading all the years that a store holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from kevents.query.engine import Engine
from kevents.query.statement import Parameters

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.store.catalog import StoreFile

_OBSERVATIONS_PER_EVENT = 20  # for the first attempt
_FIRST_ROWS = 300_000  # are read quickly
_GROWTH = 8  # of the number of rows, from one attempt to the next


def newest(engine: Engine, sql: str, parameters: Parameters, limit: int) -> pa.RecordBatchReader:
    """The rows of SQL that selects at most `limit` events from the view stored.newest, the last seen ones first.

    Every event seen since some moment is newer than all events last seen before it. So if there are enough events since
    that moment, earlier ones cannot be in the result.
    """
    import pyarrow as pa

    since, until = engine.selection.since, engine.selection.until
    estimate = _estimated_since(engine.files, until, limit * _OBSERVATIONS_PER_EVENT)
    first = [estimate] if estimate and (not since or estimate > since) else []
    for moment in (*first, *_midnights(engine.files, since, until), None):
        engine.limit_newest(moment)
        batches = engine.batches(sql, parameters)
        table = pa.Table.from_batches(list(batches), batches.schema)
        if table.num_rows >= limit:
            break
    engine.limit_newest(None)
    return table.to_reader()


def _estimated_since(files: Iterable[StoreFile], until: datetime | None, rows: int) -> datetime | None:
    """The time since which the newest day has this many rows, if they are evenly spread.

    None if the newest day has fewer rows, or if `until` cuts it.
    """
    dated = [file for file in files if file.day is not None]
    newest_day = max((file.day for file in dated if file.day), default=None)
    of_day = [file for file in dated if file.day == newest_day and file.min_last_seen and file.max_last_seen]
    if not of_day:
        return None
    start = min(file.min_last_seen for file in of_day if file.min_last_seen)
    end = max(file.max_last_seen for file in of_day if file.max_last_seen)
    total = sum(file.rows for file in of_day)
    return end - (end - start) * (rows / total) if rows < total and not (until and until <= end) else None


def _midnights(files: Iterable[StoreFile], since: datetime | None, until: datetime | None) -> Iterator[datetime]:
    """The midnights since which to read, one attempt after the other, before everything is read."""
    rows: Counter[datetime] = Counter()
    for file in files:
        if file.day is not None:
            rows[datetime.combine(file.day, time(), UTC)] += file.rows
    target, total = _FIRST_ROWS, 0
    for midnight in sorted(rows, reverse=True):
        if until and midnight >= until:
            continue
        if since and midnight <= since:
            return
        total += rows[midnight]
        if total >= target:
            yield midnight
            target = total * _GROWTH
