"""How a question runs: a private database over the store's files, narrowed by a selection and closed to all else."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from kevents import duck
from kevents.event.ratings import ratings
from kevents.event.schema import PARTITION, STORED, Field
from kevents.event.severity import Ratings
from kevents.query.conditions import create_macros
from kevents.query.failure import failure, unreadable
from kevents.query.interrupt import Worker
from kevents.query.rating import set_ratings
from kevents.query.selection import Selection
from kevents.query.statement import Parameters, check_parameters, reading_statement

if TYPE_CHECKING:
    import pyarrow as pa

_VIEWS = ("macros", "shape", "severity", "document", "observations", "events", "occurrences", "pulls", "relations")
_BATCH_ROWS = 50_000

T = TypeVar("T")


class StoreFile(Protocol):
    """A Parquet file of observations, and what is known of it without opening it."""

    @property
    def path(self) -> Path: ...
    @property
    def cluster(self) -> str: ...
    @property
    def day(self) -> date | None: ...
    @property
    def max_last_seen(self) -> datetime | None: ...
    @property
    def rows(self) -> int: ...


class Batches:
    """The rows of an answer as they come; once."""

    def __init__(self, relation: duck.Relation, sql: str, engine: Engine) -> None:
        self._sql = sql
        self._engine = engine  # which has the folder that DuckDB may spill to
        self._reader: pa.RecordBatchReader = self._run(lambda: relation.to_arrow_reader(_BATCH_ROWS))

    @property
    def schema(self) -> pa.Schema:
        """The columns, known before the first row."""
        return self._reader.schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        while (batch := self._run(lambda: next(self._reader, None))) is not None:
            yield batch

    def _run(self, call: Callable[[], T]) -> T:
        try:
            return self._engine.worker.run(call)
        except (duck.Error, OSError) as error:  # Arrow hands DuckDB's errors on as OSError
            raise failure(error, self._sql) from error


class Engine:
    """The views over some files for one selection, ready for SQL; it can read nothing else and write nothing."""

    def __init__(
        self,
        files: Sequence[StoreFile],
        selection: Selection,
        now: datetime,
        fresh: pa.Table | None = None,
        rated: Ratings | None = None,
    ) -> None:
        """fresh: rows that no file holds, with the columns of the files and of their folders.

        rated: what each reason means; None for what ships with kevents.
        """
        self._spill = tempfile.mkdtemp(prefix="kevents-")  # readable by its owner alone
        weakref.finalize(self, shutil.rmtree, self._spill, ignore_errors=True)
        self._connection = duck.connect(spill=self._spill)
        self.worker = Worker(self._connection)
        paths = [str(file.path) for file in files]
        rows = _rows(paths)
        if fresh is not None:
            self._take(fresh)
            rows += " UNION ALL BY NAME FROM stored.fresh"
        create_views(self._connection, rows, selection, now, rated)
        self._lock(paths)

    def relation(self, sql: str, parameters: Parameters | None = None) -> duck.Relation:
        """The answer to one reading statement, not yet computed."""
        statement = reading_statement(self._connection, sql)
        check_parameters(statement, parameters or {})
        try:
            return self.worker.run(lambda: self._connection.sql(statement, params=dict(parameters or {}) or None))
        except duck.Error as error:
            raise failure(self._placed(error, statement, parameters), sql) from error

    def batches(self, sql: str, parameters: Parameters | None = None) -> Batches:
        """The answer's rows."""
        return self.rows(self.relation(sql, parameters), sql)

    def rows(self, relation: duck.Relation, sql: str) -> Batches:
        """The rows of a relation that was made from the SQL."""
        return Batches(relation, sql, self)

    def _take(self, fresh: pa.Table) -> None:
        columns = ", ".join(f'"{field.name}"::{_physical(field)} AS "{field.name}"' for field in (*STORED, *PARTITION))
        self._connection.execute("CREATE SCHEMA stored")
        self._connection.register("fresh", fresh)
        self._connection.execute(f"CREATE TABLE stored.fresh AS SELECT {columns} FROM fresh")
        self._connection.unregister("fresh")

    def _lock(self, paths: list[str]) -> None:
        for setting in (
            "errors_as_json = true",
            f"allowed_paths = [{', '.join(map(_literal, paths))}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def _placed(self, error: duck.Error, statement: duck.Statement, parameters: Parameters | None) -> duck.Error:
        """The same error with its place in the text, which relations leave out: it fails again before it runs."""
        try:
            self._connection.execute(statement, dict(parameters) if parameters else None)
        except duck.Error as placed:
            return placed
        return error


def create_views(
    connection: duck.Connection, rows: str, selection: Selection, now: datetime, rated: Ratings | None = None
) -> None:
    """Define everything that SQL can ask, over rows with the columns of the files and of their folders."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS stored")
    try:
        connection.execute(f"CREATE VIEW stored.rows AS {rows}")
    except duck.Error as error:
        raise unreadable(str(error)) from error
    create_macros(connection, selection, now)
    for name in _VIEWS:
        connection.execute(package_files("kevents.query").joinpath(f"views/{name}.sql").read_text("utf-8"))
    set_ratings(connection, ratings() if rated is None else rated)


def _rows(paths: list[str]) -> str:
    if not paths:
        nothing = ", ".join(f'NULL::{_physical(field)} AS "{field.name}"' for field in (*STORED, *PARTITION))
        return f"SELECT {nothing} WHERE false"
    listed = ", ".join(map(_literal, paths))
    return (
        f"SELECT * FROM read_parquet([{listed}], hive_partitioning = true, "
        "hive_types = {'cluster': VARCHAR, 'day': DATE})"
    )


def _physical(field: Field) -> str:
    """The type of the column in the files, where JSON is text."""
    return field.type.replace("JSON", "VARCHAR")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
