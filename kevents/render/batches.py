"""Reads the batches of a result: in slices of limited size, with one array per column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    import pyarrow as pa


def slices(result: Result, rows: int) -> Iterator[pa.RecordBatch]:
    """The batches, split so that none has more than this number of rows. Empty batches are left out."""
    for batch in result.batches:
        for start in range(0, batch.num_rows, rows):
            yield batch.slice(start, rows)


def data_columns(result: Result) -> tuple[Column, ...]:
    """The columns of the formats for scripts: all except those that are only drawn."""
    return tuple(column for column in result.columns if column.show is not Show.DRAWN)


def arrays(batch: pa.RecordBatch, columns: tuple[Column, ...]) -> list[pa.Array]:
    """The arrays of the columns. SQL allows several columns of the same name; each gets its own array."""
    seen: dict[str, int] = {}
    result = []
    for column in columns:
        indices = batch.schema.get_all_field_indices(column.name)
        position = seen.get(column.name, 0)
        seen[column.name] = position + 1
        result.append(batch.column(indices[min(position, len(indices) - 1)]))
    return result


def is_severity(column: Column) -> bool:
    """Whether a column contains severities; in a user's own SQL, any column of that name."""
    return column.kind is Kind.SEVERITY or column.name == "severity"


def severities(batch: pa.RecordBatch, columns: tuple[Column, ...]) -> list[str | None]:
    """The severity of each row; None without a severity column."""
    column = next((column for column in columns if is_severity(column)), None)
    values = arrays(batch, (column,))[0].to_pylist() if column else [None] * batch.num_rows
    return [value if isinstance(value, str) else None for value in values]


def documents(result: Result, rows: int) -> Iterator[list[str]]:
    """The Events of a result as JSON text, in lists of at most this number."""
    for batch in slices(result, rows):
        yield [text for text in batch.column(result.document).to_pylist() if text is not None]
