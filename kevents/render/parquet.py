"""Parquet: the Arrow batches of the result, without drawn columns."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from kevents.render.batches import arrays, data_columns
from kevents.render.json_text import compact
from kevents.render.plain import values
from kevents.result import Column, Kind

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result


def chunks(result: Result, _: Look) -> Iterator[bytes]:
    """The result as one Parquet file, compressed with zstd."""
    columns = data_columns(result)
    buffer = _Buffer()
    writer = None
    for batch in result.batches:
        table = _table(batch, columns)
        writer = writer or pq.ParquetWriter(buffer, table.schema, compression="zstd")
        writer.write_table(table)
        yield buffer.take()
    if writer is None:
        writer = pq.ParquetWriter(buffer, _schema(result, columns), compression="zstd")
    writer.close()
    yield buffer.take()


class _Buffer(io.RawIOBase):
    """A file in memory from which written data can be taken. It keeps its position, because Parquet stores offsets."""

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

    def take(self) -> bytes:
        """The data written since the last call."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _table(batch: pa.RecordBatch, columns: tuple[Column, ...]) -> pa.Table:
    writable = [_writable(array) for array in arrays(batch, columns)]
    return pa.Table.from_arrays(writable, [column.name for column in columns])


def _writable(array: pa.Array) -> pa.Array:
    """The array, as text if Parquet does not have its type."""
    if _is_writable(array.type):
        return array
    return pa.array(
        [value if value is None or isinstance(value, str) else compact(value) for value in values(array)], pa.string()
    )


def _is_writable(type_: pa.DataType) -> bool:
    """Whether Parquet has the type: no intervals, unions and empty structs, also inside of lists and structs."""
    if types.is_interval(type_) or types.is_union(type_):
        return False
    if types.is_struct(type_) and not type_.num_fields:
        return False
    return all(_is_writable(type_.field(index).type) for index in range(type_.num_fields))


def _schema(result: Result, columns: tuple[Column, ...]) -> pa.Schema:
    """The schema of a result without rows: that of its reader, or one from the kinds of its columns."""
    schema = getattr(result.batches, "schema", None)
    if isinstance(schema, pa.Schema):
        return _table(pa.RecordBatch.from_pylist([], schema=schema), columns).schema
    times = {Kind.TIME: pa.timestamp("us", "UTC"), Kind.SEEN: pa.timestamp("us", "UTC")}
    texts = {Kind.TEXT: pa.string(), Kind.SPARK: pa.list_(pa.float64())}
    return pa.schema([(column.name, (times | texts).get(column.kind, pa.float64())) for column in columns])
