"""What a Parquet file of the store holds, held against what it should: columns, rows, days, order."""

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
# as DuckDB describes what lies in the files, where JSON is text
_WRITTEN = {"JSON": "VARCHAR", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
_TYPES = {field.name: _WRITTEN.get(field.type, field.type) for field in STORED}


def misfit(connection: Connection, file: StoreFile) -> str | None:
    """Why the columns or the days of a whole file are not those that it should have; None if they are."""
    found = _columns(connection, file.path)
    for name, kind in found.items():
        if name not in _TYPES and file.schema <= SCHEMA:
            return f"has a column {name!r}, which no observation has"
        if _TYPES.get(name, kind) != kind:
            return f"has {name} as {kind} instead of {_TYPES[name]}"
    if missing := sorted(_TYPES.keys() - found.keys() if file.schema == SCHEMA else ()):
        return f"lacks the column {missing[0]!r}"
    if file.day is None:  # what lay in the future when it was stored may have a day by now
        return None
    elsewhere = f"(epoch_us(last_seen) // {_DAY}) IS DISTINCT FROM {_number(file.day)}"
    ((strange,),) = connection.execute(f"SELECT count(*) FROM {_scan(file.path)} WHERE {elsewhere}").fetchall()
    return f"holds {strange:,} observations of other days" if strange else None


def measured(connection: Connection, file: StoreFile) -> StoreFile:
    """The file with the rows and times that it really has."""
    ((rows, earliest, latest),) = connection.execute(
        f"SELECT count(*), epoch_us(min(last_seen)), epoch_us(max(last_seen)) FROM {_scan(file.path)}"
    ).fetchall()
    return replace(file, rows=rows, min_last_seen=instant(earliest), max_last_seen=instant(latest))


def is_sorted(connection: Connection, file: StoreFile) -> bool:
    """Whether the rows are in the order that the file should have."""
    key = f"row({ORDERS[file.order]})"
    ((wrong,),) = connection.execute(
        # without ORDER BY, the window goes through the file as it is, and keeps nothing in memory
        f"SELECT count(*) FROM (SELECT {key} AS key, lag({key}) OVER () AS before FROM {_scan(file.path)})"
        " WHERE key < before"
    ).fetchall()
    return not wrong


def in_order(connection: Connection, file: StoreFile, orders: Iterable[int], checksum: str) -> StoreFile:
    """The file with the first of the orders that its rows are in, if any, and with its checksum."""
    tried = [replace(file, order=order, sha256=checksum) for order in orders]
    return next((one for one in tried if is_sorted(connection, one)), tried[0])


def schema_of(connection: Connection, path: Path) -> int:
    """The schema of a file that no catalog tells of: today's, or that of files with fewer columns."""
    return SCHEMA if _TYPES.keys() <= _columns(connection, path).keys() else 0


def in_common(connection: Connection, path: Path, others: Sequence[Path], row: str) -> int:
    """How many observations of a file the others hold as well. row: the columns that make an observation what it is."""
    if not others:
        return 0
    listed = ", ".join(map(literal, others))
    ((rows,),) = connection.execute(
        f"""
        SELECT count(*) FROM (SELECT hash({row}) AS identity FROM {_scan(path)})
        SEMI JOIN (SELECT hash({row}) AS identity FROM read_parquet([{listed}], hive_partitioning = false))
        USING (identity)
        """
    ).fetchall()
    return int(rows)


def _columns(connection: Connection, path: Path) -> dict[str, str]:
    described = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {_scan(path)})").fetchall()
    return dict(described)


def _scan(path: Path) -> str:
    return f"read_parquet({literal(path)}, hive_partitioning = false)"


def _number(day: date) -> int:
    """Days since 1970."""
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
