"""Segments as Parquet files: columns, sort order, writing, and how SQL reads them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.duck import instant
from kevents.event.schema import SCHEMA, STORED
from kevents.store import disk
from kevents.store.catalog import StoreFile
from kevents.store.paths import segment_in

if TYPE_CHECKING:
    from kevents.duck import Connection

_TIE_BREAKERS = "last_seen, clock_ns, uid, count"
# By number, because a file keeps the order it was written in.
# Order 2 keeps the rows of a reason together, so reading a reason is four times as fast as with order 1. Reading one
# object is still fast, because compaction splits a day by object.
ORDERS = {1: f"namespace, kind, name, reason, {_TIE_BREAKERS}", 2: f"reason, namespace, kind, name, {_TIE_BREAKERS}"}
ORDER = 2
COLUMNS = ", ".join(f'"{field.name}"' for field in STORED)
# Version 2 pages delta-encode numbers and text: 7% smaller than version 1, and as widely supported.
OPTIONS = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, PARQUET_VERSION v2"
IN_PARTITION = "cluster = $1 AND day IS NOT DISTINCT FROM $2"  # the rows of a table for one segment


def write(connection: Connection, table: str, cluster: str, day: date | None, staging: Path) -> StoreFile:
    """Write the rows of one cluster and day to a new file below the staging directory, durably."""
    place = (cluster, day, staging, secrets.token_hex(8))
    return write_rows(connection, f"SELECT {COLUMNS} FROM {table} WHERE {IN_PARTITION}", [cluster, day], place)


def write_rows(
    connection: Connection, rows: str, parameters: Sequence[object], place: tuple[str, date | None, Path, str]
) -> StoreFile:
    """Write the rows of a SELECT to a new file below a staging directory, durably.

    place: the cluster and day of all rows, the staging directory, and the file name without its extension.
    """
    cluster, day, staging, name = place
    path = segment_in(staging, cluster, day, name)
    disk.make_directory(path.parent)
    connection.execute(f"COPY ({rows} ORDER BY {ORDERS[ORDER]}) TO {literal(path)} ({OPTIONS})", parameters)
    return entry_of(connection, path, cluster, day)


def entry_of(connection: Connection, path: Path, cluster: str, day: date | None) -> StoreFile:
    """The catalog entry of a file that was just written in the current order. It is durable when this returns."""
    disk.sync(path)
    ((count, earliest, latest),) = connection.execute(
        "SELECT count(*), epoch_us(min(last_seen)), epoch_us(max(last_seen))"
        f" FROM read_parquet({literal(path)}, hive_partitioning = false)"
    ).fetchall()
    return StoreFile(
        path=path,
        cluster=cluster,
        day=day,
        rows=count,
        bytes=disk.size(path),
        min_last_seen=instant(earliest),
        max_last_seen=instant(latest),
        sha256=disk.sha256(path),
        order=ORDER,
        schema=SCHEMA,
    )


def hive_scan(paths: str) -> str:
    """The SQL to read segments with the columns `cluster` and `day`. paths: a list in SQL, or a parameter."""
    return f"read_parquet({paths}, hive_partitioning = true, hive_types = {{'cluster': VARCHAR, 'day': DATE}})"


def literal(path: Path) -> str:
    """The path as a SQL string."""
    return "'" + str(path).replace("'", "''") + "'"
