"""The newest events, without looking at all the years that a store holds."""

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

_FIRST = 300_000  # rows that are quickly looked through
_FURTHER = 8  # times as many at the next look


def newest(engine: Engine, sql: str, parameters: Parameters, limit: int) -> pa.RecordBatchReader:
    """The rows of SQL that asks the view stored.newest for so many events, those last seen first.

    An event that was seen on a day is newer than all that were last seen before it: where the newest days have events
    enough, the days before have none of the answer.
    """
    import pyarrow as pa

    for moment in (*_moments(engine.files, engine.selection.since, engine.selection.until), None):
        engine.look_back(moment)
        batches = engine.batches(sql, parameters)
        table = pa.Table.from_batches(list(batches), batches.schema)
        if table.num_rows >= limit:
            break
    engine.look_back(None)
    return table.to_reader()


def _moments(files: Iterable[StoreFile], since: datetime | None, until: datetime | None) -> Iterator[datetime]:
    """The midnights to look back to, one after the other, before looking at everything."""
    rows: Counter[datetime] = Counter()
    for file in files:
        if file.day is not None:
            rows[datetime.combine(file.day, time(), UTC)] += file.rows
    wanted, found = _FIRST, 0
    for midnight in sorted(rows, reverse=True):
        if until and midnight >= until:
            continue
        if since and midnight <= since:
            return
        found += rows[midnight]
        if found >= wanted:
            yield midnight
            wanted = found * _FURTHER
