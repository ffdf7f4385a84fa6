"""The observations of journals that no segment holds yet, as a table like those of the segments."""

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

_TOGETHER = 40_000  # raw rows become observations together
_COLUMNS = ", ".join(f'"{field.name}"' for field in (*STORED, *PARTITION))


@dataclass(frozen=True)
class Fresh:
    """The table has the columns STORED and PARTITION. newest: the last that was seen, absurd times aside."""

    table: pa.Table
    newest: datetime | None


def fresh(parts: Iterable[Part], files: Sequence[StoreFile], now: datetime) -> Fresh | None:
    """What the parts hold and none of the files does; None if that is nothing."""
    lots = _lots(parts)
    first = next(lots, None)
    if first is None:  # control lines only
        return None
    connection = duck.connect()
    try:
        batch = Batch(connection, "", now)
        for lot in chain((first,), lots):
            batch.take(lot)
        batch.drop_twins()
        Deduplicator(connection).drop(files)
        ((rows, newest),) = connection.execute(
            "SELECT count(*), epoch_us(max(last_seen) FILTER (day IS NOT NULL)) FROM batch"
        ).fetchall()
        return (
            Fresh(connection.sql(f"SELECT {_COLUMNS} FROM batch").to_arrow_table(), instant(newest)) if rows else None
        )
    finally:
        connection.close()


def _lots(parts: Iterable[Part]) -> Iterator[list[pa.Table]]:
    lot: list[pa.Table] = []
    rows = 0
    for part in parts:
        for table, _ in tables(part.read()):
            if not len(table):
                continue
            lot.append(observe.with_file_number(_of_cluster(table, part.cluster), 0))
            rows += len(table)
            if rows >= _TOGETHER:
                yield lot
                lot, rows = [], 0
    if lot:
        yield lot


def _of_cluster(raw: pa.Table, cluster: str) -> pa.Table:
    column = raw.schema.get_field_index("cluster")
    return raw.set_column(column, "cluster", pa.repeat(pa.scalar(cluster), len(raw)))
