"""Reading a result: its batches in pieces of bounded size, the array of each column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    import pyarrow as pa


def pieces(result: Result, rows: int) -> Iterator[pa.RecordBatch]:
    """The batches, cut to at most so many rows; batches without rows are left out."""
    for batch in result.batches:
        for start in range(0, batch.num_rows, rows):
            yield batch.slice(start, rows)


def data_columns(result: Result) -> tuple[Column, ...]:
    """The columns that machines read: all but what is only drawn."""
    return tuple(column for column in result.columns if column.show is not Show.DRAWN)


def arrays(batch: pa.RecordBatch, columns: tuple[Column, ...]) -> list[pa.Array]:
    """The arrays of the columns; of columns with one name, as SQL allows them, each has its own."""
    seen: dict[str, int] = {}
    found = []
    for column in columns:
        same = batch.schema.get_all_field_indices(column.name)
        turn = seen.get(column.name, 0)
        seen[column.name] = turn + 1
        found.append(batch.column(same[min(turn, len(same) - 1)]))
    return found


def is_severity(column: Column) -> bool:
    """Whether the values of a column are severities, in a user's own SQL too."""
    return column.kind is Kind.SEVERITY or column.name == "severity"


def severities(batch: pa.RecordBatch, columns: tuple[Column, ...]) -> list[str | None]:
    """The severity of each row; None where no column says it."""
    column = next((column for column in columns if is_severity(column)), None)
    values = arrays(batch, (column,))[0].to_pylist() if column else [None] * batch.num_rows
    return [value if isinstance(value, str) else None for value in values]


def documents(result: Result, rows: int) -> Iterator[list[str]]:
    """The Events of a result as JSON text, piece by piece."""
    for batch in pieces(result, rows):
        yield [text for text in batch.column(result.document).to_pylist() if text is not None]
