"""Parquet: the result's own Arrow batches, all columns but what is only drawn."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from kevents.render.batches import arrays, data_columns
from kevents.render.plain import values
from kevents.result import Column, Kind

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result


def chunks(result: Result, _: Look) -> Iterator[bytes]:
    """The result as one Parquet file, compressed with zstd."""
    columns = data_columns(result)
    drain = _Drain()
    writer = None
    for batch in result.batches:
        table = _table(batch, columns)
        writer = writer or pq.ParquetWriter(drain, table.schema, compression="zstd")
        writer.write_table(table)
        yield drain.taken()
    if writer is None:
        writer = pq.ParquetWriter(drain, _schema(result, columns), compression="zstd")
    writer.close()
    yield drain.taken()


class _Drain(io.RawIOBase):
    """A file that gives away what was written and goes on counting: Parquet notes positions."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, part: object) -> int:
        data = bytes(cast("bytes", part))
        self._parts.append(data)
        self._position += len(data)
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _table(batch: pa.RecordBatch, columns: tuple[Column, ...]) -> pa.Table:
    writable = [_writable(array) for array in arrays(batch, columns)]
    return pa.Table.from_arrays(writable, [column.name for column in columns])


def _writable(array: pa.Array) -> pa.Array:
    """Parquet has no intervals and no unions: they become their plain values as text."""
    if types.is_interval(array.type) or types.is_union(array.type):
        return pa.array([None if value is None else str(value) for value in values(array)], pa.string())
    return array


def _schema(result: Result, columns: tuple[Column, ...]) -> pa.Schema:
    """The schema of a result without rows: its reader's, else what the kinds of its columns say."""
    known = getattr(result.batches, "schema", None)
    if isinstance(known, pa.Schema):
        return _table(pa.RecordBatch.from_pylist([], schema=known), columns).schema
    times = {Kind.TIME: pa.timestamp("us", "UTC"), Kind.SEEN: pa.timestamp("us", "UTC")}
    texts = {Kind.TEXT: pa.string(), Kind.SPARK: pa.list_(pa.float64())}
    return pa.schema([(column.name, (times | texts).get(column.kind, pa.float64())) for column in columns])
