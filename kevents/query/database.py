"""A private DuckDB database over the files of a store, which can read nothing else. Several engines can share it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kevents import duck
from kevents.event.schema import PARTITION, SCHEMA, STORED
from kevents.query.errors import unreadable
from kevents.query.spill import SpillDirectory
from kevents.query.statement import literal
from kevents.store.segments.segment import hive_scan

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.store.catalog import StoreFile

_EXPORT_MEMORY = "600MB"
# not DuckDB's file_index: two scans in one query number the files differently
_ROW_ID = "hash(filename, 'abc' || filename)::HUGEINT * 1099511627776 + file_row_number"


class Database:
    """The rows of the files as stored.rows. defined: the views and macros that have been created so far."""

    def __init__(
        self, files: Sequence[StoreFile], fresh: pa.Table | None, staging: Path | None, memory: int | None = None
    ) -> None:
        """fresh, staging and memory: see Engine. Raises StoreError for a file that cannot be read."""
        self.defined: set[str] = set()
        self.spill = SpillDirectory(staging)
        limit = _EXPORT_MEMORY if staging else memory and f"{memory}B"
        self._root = duck.connect(memory=limit or None, spill=self.spill.path, most_spilled=self.spill.most)
        rows = _rows(files)
        if fresh is not None:
            self._add_fresh(fresh)
            rows += " UNION ALL BY NAME SELECT *, -1 - rowid AS row_id FROM stored.fresh"
        create_rows(self._root, rows)
        self._lock([str(file.path) for file in files], staging)

    def connection(self) -> duck.Connection:
        """A session with its own variables and temporary macros."""
        return self._root.cursor()

    def _add_fresh(self, fresh: pa.Table) -> None:
        columns = ", ".join(f'"{field.name}"::{field.stored} AS "{field.name}"' for field in (*STORED, *PARTITION))
        self._root.execute("CREATE SCHEMA stored")
        self._root.register("fresh", fresh)
        self._root.execute(f"CREATE TABLE stored.fresh AS SELECT {columns} FROM fresh")
        self._root.unregister("fresh")

    def _lock(self, paths: list[str], staging: Path | None) -> None:
        directories = [str(staging)] if staging else []
        for setting in (
            "errors_as_json = true",
            f"allowed_paths = [{', '.join(map(literal, paths))}]",
            f"allowed_directories = [{', '.join(map(literal, directories))}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._root.execute(f"SET GLOBAL {setting}")


def create_rows(connection: duck.Connection, rows: str) -> None:
    """Create the view stored.rows from this SELECT, for all sessions of the connection's database."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS stored")
    try:
        connection.execute(f"CREATE VIEW stored.rows AS {rows}")
    except duck.Error as error:
        raise unreadable(str(error)) from error


def _rows(files: Sequence[StoreFile]) -> str:
    """SQL for all rows of the files. Columns that a file of an older schema version lacks are null."""
    paths_by_schema: dict[int, list[str]] = {}
    for file in files:
        paths_by_schema.setdefault(file.schema, []).append(literal(str(file.path)))
    scans = [
        f"SELECT *, {_ROW_ID} AS row_id FROM {hive_scan('[' + ', '.join(paths) + ']')}"
        for paths in paths_by_schema.values()
    ]
    if paths_by_schema.keys() != {SCHEMA}:
        all_columns = ", ".join(f'NULL::{field.stored} AS "{field.name}"' for field in (*STORED, *PARTITION))
        scans.append(f"SELECT {all_columns}, NULL::HUGEINT AS row_id WHERE false")
    return " UNION ALL BY NAME ".join(scans)
