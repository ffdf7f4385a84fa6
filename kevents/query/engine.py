"""The query engine: a private database over the store's files, narrowed by a selection, that can read nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from kevents import duck
from kevents.duck import Connection
from kevents.errors import QueryStillRuns, StoreError, Terminated
from kevents.event.severity import Ratings
from kevents.query.damage_policy import READ_ERRORS, incomplete_output
from kevents.query.database import Database
from kevents.query.errors import failure
from kevents.query.selection import Selection
from kevents.query.statement import Parameters, check_parameters, literal, reading_statement
from kevents.query.view_definitions import Views

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from kevents.query.damage_policy import DamagePolicy
    from kevents.query.spill import SpillDirectory
    from kevents.store.catalog import StoreFile

T = TypeVar("T")
_PATIENCE = 1.0  # seconds that an interrupted query has to stop; inside one long function it does not stop at all


class Worker:
    """The thread on which a connection's long calls run."""

    def __init__(self, connection: Connection, spill: SpillDirectory) -> None:
        """spill: deleted if a call cannot be stopped."""
        self._connection = connection
        self._spill = spill
        self._thread = ThreadPoolExecutor(1, "duckdb")

    def run(self, call: Callable[[], T]) -> T:
        """The result of the call; KeyboardInterrupt or Terminated cancels the query before it is raised."""
        future = self._thread.submit(call)
        try:
            return future.result()
        except BaseException as interruption:
            if not future.done() and not self._stops(future):
                self._spill.delete()
                raise QueryStillRuns from interruption
            raise

    def _stops(self, future: Future[T]) -> bool:
        """Interrupt the query until it stops. Interrupted again, or when patience is lost, the answer is False."""
        end = time.monotonic() + _PATIENCE
        try:
            while not future.done() and time.monotonic() < end:
                self._connection.interrupt()  # repeatedly, because DuckDB forgets it when planning ends
                wait([future], 0.05)
        except (KeyboardInterrupt, Terminated):
            return future.done()
        return future.done()


_BATCH_ROWS = 50_000


class Batches:
    """The rows of a query as they arrive. They can be iterated once."""

    def __init__(self, engine: Engine, sql: str, relation: Callable[[], duck.Relation]) -> None:
        """relation: creates the relation of the SQL over the engine's current files."""
        self._engine = engine  # keeps its database alive, which owns the directory that DuckDB may spill to
        self._sql = sql
        self._relation = relation
        self._reader: pa.RecordBatchReader | None = None
        self._schema: pa.Schema = self._retry(lambda: self._started().schema)

    @property
    def schema(self) -> pa.Schema:
        """The columns, known before the first row."""
        return self._schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        batch = self._retry(lambda: self._next(self._started()))
        while batch is not None:
            yield batch
            try:
                batch = self._next(self._started())
            except READ_ERRORS as error:
                raise incomplete_output(self._engine.files, error) or failure(error, self._sql) from error

    def _retry(self, call: Callable[[], T]) -> T:
        """The result of a call before any row is returned; if a damaged file makes it fail, again without that file."""
        while True:
            try:
                return call()
            except READ_ERRORS as error:
                if not self._engine.exclude_damaged(error):
                    raise failure(error, self._sql) from error
                self._reader = None

    def _started(self) -> pa.RecordBatchReader:
        if self._reader is None:
            relation = self._relation()
            self._reader = self._engine.worker.run(lambda: relation.to_arrow_reader(_BATCH_ROWS))
        return self._reader

    def _next(self, reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
        return self._engine.worker.run(lambda: next(reader, None))


@dataclass(eq=False)
class Engine:
    """The views over some files for one selection, ready for SQL. It can read nothing else and cannot write.

    fresh: rows that are not in a file yet, with the columns of the files and of their directories. ratings: of reasons;
    None for the built-in ones. damage: what to do about damaged files; without it, a query that reads one fails.
    staging: the directory that `write` may write into, with limited memory; None if nothing is written.
    memory: the limit in bytes; None for most of the machine's memory.
    """

    files: Sequence[StoreFile]  # without those that were excluded as damaged
    selection: Selection
    now: datetime
    fresh: pa.Table | None = None
    ratings: Ratings | None = None
    damage: DamagePolicy | None = None
    staging: Path | None = None
    memory: int | None = None
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        if self.damage:
            self.files = self.damage.intact(self.files, self.selection.has_cluster)
        self._open()

    def for_selection(self, selection: Selection) -> Engine:
        """An engine over the same rows for another selection; it shares the database and the views created in it."""
        other = copy(self)
        other.selection = selection
        if self.damage:
            other.files = self.damage.intact(self.files, selection.has_cluster)
        other._open(self._database if len(other.files) == len(self.files) else None)
        return other

    def relation(self, sql: str, parameters: Parameters | None = None) -> duck.Relation:
        """The relation of one reading statement, not yet executed."""
        statement = reading_statement(self._connection, sql)
        check_parameters(statement, parameters or {})
        try:
            self._views.define_for(sql)
            return self.worker.run(lambda: self._connection.sql(statement, params=dict(parameters or {}) or None))
        except READ_ERRORS as error:
            # all views are needed if the SQL builds a view's name, and for the suggestions after a wrong name
            if self.exclude_damaged(error) or self._views.define_all():
                return self.relation(sql, parameters)
            located = self._located(error, statement, parameters) if isinstance(error, duck.Error) else error
            raise failure(located, sql) from error

    def batches(
        self,
        sql: str,
        parameters: Parameters | None = None,
        transform: Callable[[duck.Relation], duck.Relation] = lambda relation: relation,
    ) -> Batches:
        """The rows of a query. transform: changes the relation of the SQL before it is executed."""
        return Batches(self, sql, lambda: transform(self.relation(sql, parameters)))

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """The rows of a query that returns few of them."""
        return [row for batch in self.batches(sql, parameters) for row in batch.to_pylist()]

    def write(self, sql: str, parameters: Parameters, path: Path, options: str) -> None:
        """Write the rows of a query to a file in the staging directory, with these COPY options. Raises duck.Error."""
        statement = f"COPY ({sql}) TO {literal(str(path))} ({options})"
        try:
            self._views.define_for(sql)
            self.worker.run(lambda: self._connection.execute(statement, dict(parameters) or None))
        except duck.Error as error:
            if not self.exclude_damaged(error):
                raise
            self.write(sql, parameters, path, options)

    def exclude_damaged(self, error: Exception) -> bool:
        """Exclude the files that caused this error, if the policy allows it; False if none did."""
        remaining = self.damage.without_damaged(self.files, error) if self.damage else None
        if remaining is None:
            return False
        self.files = remaining
        self._open()
        return True

    def limit_newest(self, since: datetime | None) -> None:
        """Let the view stored.newest read only rows last seen since then; None for all."""
        condition = (
            "true" if since is None else f"moment >= {literal(since)} AND (date IS NULL OR date >= '{since:%F}')"
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP MACRO is_recent(moment, date) AS ({condition})")

    def _open(self, database: Database | None = None) -> None:
        try:
            self._database = database or Database(self.files, self.fresh, self.staging, self.memory)
            self._connection = self._database.connection()
            self.worker = Worker(self._connection, self._database.spill)
            self._views = Views(self._connection, self.selection, self.now, self.ratings, self._database.defined)
        except (StoreError, *READ_ERRORS) as error:  # DuckDB opens the first file to learn the columns
            if database:
                self._open()  # a locked database cannot tell that a file is missing; a new one can
            elif not self.exclude_damaged(error):
                raise

    def _located(self, error: duck.Error, statement: duck.Statement, parameters: Parameters | None) -> duck.Error:
        """The same error with its position in the SQL, which relations omit: executing fails again before it runs."""
        try:
            self.worker.run(lambda: self._connection.execute(statement, dict(parameters) if parameters else None))
        except duck.Error as located:
            return located
        return error
