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

_EACH = 20  # observations that an event may have among the newest, at first
_FIRST = 300_000  # rows that are quickly looked through
_FURTHER = 8  # times as many at the next look


def newest(engine: Engine, sql: str, parameters: Parameters, limit: int) -> pa.RecordBatchReader:
    """The rows of SQL that asks the view stored.newest for so many events, those last seen first.

    An event that was seen since a moment is newer than all that were last seen before it: where that time has events
    enough, the time before has none of the answer.
    """
    import pyarrow as pa

    since, until = engine.selection.since, engine.selection.until
    lately = _lately(engine.files, until, limit * _EACH)
    first = [lately] if lately and (not since or lately > since) else []
    for moment in (*first, *_moments(engine.files, since, until), None):
        engine.look_back(moment)
        batches = engine.batches(sql, parameters)
        table = pa.Table.from_batches(list(batches), batches.schema)
        if table.num_rows >= limit:
            break
    engine.look_back(None)
    return table.to_reader()


def _lately(files: Iterable[StoreFile], until: datetime | None, rows: int) -> datetime | None:
    """Since when so many rows were seen, if those of the newest day were seen evenly; None if that is no help."""
    dated = [file for file in files if file.day is not None]
    newest = max((file.day for file in dated if file.day), default=None)
    of_day = [file for file in dated if file.day == newest and file.min_last_seen and file.max_last_seen]
    if not of_day:
        return None
    begin = min(file.min_last_seen for file in of_day if file.min_last_seen)
    end = max(file.max_last_seen for file in of_day if file.max_last_seen)
    held = sum(file.rows for file in of_day)
    return end - (end - begin) * (rows / held) if rows < held and not (until and until <= end) else None


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
