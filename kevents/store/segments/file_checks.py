"""Checks of a Parquet file against its catalog entry: columns, rows, times, day and sort order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.duck import instant
from kevents.event.schema import SCHEMA, STORED
from kevents.store.catalog import StoreFile
from kevents.store.segments.segment import ORDERS, literal

if TYPE_CHECKING:
    from kevents.duck import Connection

_DAY = 86_400_000_000  # microseconds
# the types in the files as DuckDB describes them; JSON is stored as text
_WRITTEN = {"JSON": "VARCHAR", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
_TYPES = {field.name: _WRITTEN.get(field.type, field.type) for field in STORED}


def mismatch(connection: Connection, file: StoreFile) -> str | None:
    """What is wrong with the columns or days of a file that is not damaged; None if they are correct."""
    columns = _columns(connection, file.path)
    for name, kind in columns.items():
        if name not in _TYPES and file.schema <= SCHEMA:
            return f"has an unknown column {name!r}"
        if _TYPES.get(name, kind) != kind:
            return f"has {name} as {kind} instead of {_TYPES[name]}"
    if missing := sorted(_TYPES.keys() - columns.keys() if file.schema == SCHEMA else ()):
        return f"lacks the column {missing[0]!r}"
    if file.day is None:  # times that were in the future when the file was written have a day by now
        return None
    is_other_day = f"(epoch_us(last_seen) // {_DAY}) IS DISTINCT FROM {_days_since_epoch(file.day)}"
    ((count,),) = connection.execute(f"SELECT count(*) FROM {_scan(file.path)} WHERE {is_other_day}").fetchall()
    return f"contains {count:,} observations of other days" if count else None


def remeasured(connection: Connection, file: StoreFile) -> StoreFile:
    """The catalog entry with the actual number of rows and time range of the file."""
    ((rows, earliest, latest),) = connection.execute(
        f"SELECT count(*), epoch_us(min(last_seen)), epoch_us(max(last_seen)) FROM {_scan(file.path)}"
    ).fetchall()
    return replace(file, rows=rows, min_last_seen=instant(earliest), max_last_seen=instant(latest))


def is_sorted(connection: Connection, file: StoreFile) -> bool:
    """Whether the rows are sorted in the order of the catalog entry."""
    key = f"row({ORDERS[file.order]})"
    ((unsorted,),) = connection.execute(
        # a window without ORDER BY streams the rows in file order
        f"SELECT count(*) FROM (SELECT {key} AS key, lag({key}) OVER () AS previous FROM {_scan(file.path)})"
        " WHERE key < previous"
    ).fetchall()
    return not unsorted


def with_detected_order(connection: Connection, file: StoreFile, orders: Iterable[int], checksum: str) -> StoreFile:
    """The catalog entry with this checksum and the order of its rows: the first that fits, or the first of all."""
    entries = [replace(file, order=order, sha256=checksum) for order in orders]
    return next((entry for entry in entries if is_sorted(connection, entry)), entries[0])


def schema_of(connection: Connection, path: Path) -> int:
    """The schema of a file without a catalog entry: the current one, or 0 if it has fewer columns."""
    return SCHEMA if _TYPES.keys() <= _columns(connection, path).keys() else 0


def count_shared_rows(connection: Connection, path: Path, others: Sequence[Path], row: str) -> int:
    """How many observations of a file are also in the others. row: the columns that identify an observation."""
    if not others:
        return 0
    paths = ", ".join(map(literal, others))
    ((rows,),) = connection.execute(
        f"""
        SELECT count(*) FROM (SELECT hash({row}) AS identity FROM {_scan(path)})
        SEMI JOIN (SELECT hash({row}) AS identity FROM read_parquet([{paths}], hive_partitioning = false))
        USING (identity)
        """
    ).fetchall()
    return int(rows)


def _columns(connection: Connection, path: Path) -> dict[str, str]:
    rows = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {_scan(path)})").fetchall()
    return dict(rows)


def _scan(path: Path) -> str:
    return f"read_parquet({literal(path)}, hive_partitioning = false)"


def _days_since_epoch(day: date) -> int:
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
