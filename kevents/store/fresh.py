"""The observations that are not in a segment yet, as a table with the same columns as the segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from kevents import duck
from kevents.duck import instant
from kevents.event import observe
from kevents.event.schema import PARTITION, STORED
from kevents.store.journal.decode import tables
from kevents.store.segments.batch import Batch
from kevents.store.segments.dedup import Deduplicator

if TYPE_CHECKING:
    from kevents.store.catalog import StoreFile
    from kevents.store.journal.part import Part

_BATCH_ROWS = 40_000  # raw rows to convert at once
_COLUMNS = ", ".join(f'"{field.name}"' for field in (*STORED, *PARTITION))


@dataclass(frozen=True)
class Fresh:
    """Observations in a table with the columns STORED and PARTITION. newest: the latest last_seen within range."""

    table: pa.Table
    newest: datetime | None


def fresh(parts: Iterable[Part], files: Sequence[StoreFile], now: datetime) -> Fresh | None:
    """The observations in the parts that are not in one of the files; None if there are none."""
    batches = _batches(parts)
    first = next(batches, None)
    if first is None:  # only control lines
        return None
    connection = duck.connect()
    try:
        batch = Batch(connection, "", now)
        for raw in chain((first,), batches):
            batch.add(raw)
        batch.drop_duplicates()
        Deduplicator(connection).drop_stored(files)
        ((rows, newest),) = connection.execute(
            "SELECT count(*), epoch_us(max(last_seen) FILTER (day IS NOT NULL)) FROM batch"
        ).fetchall()
        if not rows:
            return None
        return Fresh(connection.sql(f"SELECT {_COLUMNS} FROM batch").to_arrow_table(), instant(newest))
    finally:
        connection.close()


def _batches(parts: Iterable[Part]) -> Iterator[list[pa.Table]]:
    batch: list[pa.Table] = []
    rows = 0
    for part in parts:
        for table, _ in tables(part.read()):
            if not len(table):
                continue
            batch.append(observe.with_file_number(_with_cluster(table, part.cluster), 0))
            rows += len(table)
            if rows >= _BATCH_ROWS:
                yield batch
                batch, rows = [], 0
    if batch:
        yield batch


def _with_cluster(raw: pa.Table, cluster: str) -> pa.Table:
    column = raw.schema.get_field_index("cluster")
    return raw.set_column(column, "cluster", pa.repeat(pa.scalar(cluster), len(raw)))
