"""How a question runs: a private database over the store's files, narrowed by a selection and closed to all else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from kevents import duck
from kevents.duck import Connection
from kevents.errors import StoreError
from kevents.event.severity import Ratings
from kevents.query.damage_policy import FAULTS, broke_off
from kevents.query.database import Database
from kevents.query.errors import failure
from kevents.query.selection import Selection
from kevents.query.statement import Parameters, check_parameters, literal, reading_statement
from kevents.query.view_definitions import Views

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from kevents.query.damage_policy import DamagePolicy
    from kevents.store.catalog import StoreFile

T = TypeVar("T")


class Worker:
    """The thread on which a connection's long calls run."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, "duckdb")

    def run(self, call: Callable[[], T]) -> T:
        """The value of the call; KeyboardInterrupt stops the query before it goes on."""
        future = self._thread.submit(call)
        try:
            return future.result()
        except KeyboardInterrupt:
            self._connection.interrupt()
            raise


_BATCH_ROWS = 50_000


class Batches:
    """The rows of an answer as they come; once."""

    def __init__(self, engine: Engine, sql: str, relation: Callable[[], duck.Relation]) -> None:
        """relation: makes what the SQL says, over the files that the engine has then."""
        self._engine = engine  # whose database has the directory that DuckDB may spill to
        self._sql = sql
        self._relation = relation
        self._reader: pa.RecordBatchReader | None = None
        self._schema: pa.Schema = self._run(lambda: self._started().schema)

    @property
    def schema(self) -> pa.Schema:
        """The columns, known before the first row."""
        return self._schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        batch = self._run(lambda: self._next(self._started()))
        while batch is not None:
            yield batch
            try:
                batch = self._next(self._started())
            except FAULTS as error:
                raise broke_off(self._engine.files, error) or failure(error, self._sql) from error

    def _run(self, call: Callable[[], T]) -> T:
        """The value of a call before any row was given away; again from the start, without a file that it fails for."""
        while True:
            try:
                return call()
            except FAULTS as error:
                if not self._engine.leaves_out(error):
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
    """The views over some files for one selection, ready for SQL; it can read nothing else and write nothing.

    fresh: rows that no file holds, with the columns of the files and of their directories. rated: what each reason means;
    None for what ships with kevents. care: what becomes of damaged files; without it, a question that reads one fails.
    workshop: the directory that `write` may write into, with little memory; None where nothing is to be written.
    """

    files: Sequence[StoreFile]  # the damaged ones go as they are found
    selection: Selection
    now: datetime
    fresh: pa.Table | None = None
    rated: Ratings | None = None
    care: DamagePolicy | None = None
    workshop: Path | None = None
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        if self.care:
            self.files = self.care.whole(self.files, self.selection.has_cluster)
        self._open()

    def of(self, selection: Selection) -> Engine:
        """An engine over the same rows for another selection, which shares what is defined in their database."""
        other = copy(self)
        other.selection = selection
        if self.care:
            other.files = self.care.whole(self.files, selection.has_cluster)
        other._open(self._database if len(other.files) == len(self.files) else None)
        return other

    def relation(self, sql: str, parameters: Parameters | None = None) -> duck.Relation:
        """The answer to one reading statement, not yet computed."""
        statement = reading_statement(self._connection, sql)
        check_parameters(statement, parameters or {})
        try:
            self._views.define_for(sql)
            return self.worker.run(lambda: self._connection.sql(statement, params=dict(parameters or {}) or None))
        except FAULTS as error:
            # a name may have been composed, and a wrong one is answered with those that are like it
            if self.leaves_out(error) or self._views.define_all():
                return self.relation(sql, parameters)
            placed = self._placed(error, statement, parameters) if isinstance(error, duck.Error) else error
            raise failure(placed, sql) from error

    def batches(
        self,
        sql: str,
        parameters: Parameters | None = None,
        shaped: Callable[[duck.Relation], duck.Relation] = lambda relation: relation,
    ) -> Batches:
        """The answer's rows. shaped: what becomes of the SQL's relation before it is computed."""
        return Batches(self, sql, lambda: shaped(self.relation(sql, parameters)))

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """The answer's rows, for few of them."""
        return [row for batch in self.batches(sql, parameters) for row in batch.to_pylist()]

    def write(self, sql: str, parameters: Parameters, path: Path, options: str) -> None:
        """Write the answer to a file in the workshop, as COPY does with these options. Raises duck.Error."""
        statement = f"COPY ({sql}) TO {literal(str(path))} ({options})"
        try:
            self._views.define_for(sql)
            self.worker.run(lambda: self._connection.execute(statement, dict(parameters) or None))
        except duck.Error as error:
            if not self.leaves_out(error):
                raise
            self.write(sql, parameters, path, options)

    def leaves_out(self, error: Exception) -> bool:
        """Go on without the files that made reading fail, if a question may; False if none did."""
        rest = self.care.without_culprits(self.files, error) if self.care else None
        if rest is None:
            return False
        self.files = rest
        self._open()
        return True

    def look_back(self, moment: datetime | None) -> None:
        """Let stored.newest look no further back than that; None for all there is."""
        lately = (
            "true" if moment is None else f"moment >= {literal(moment)} AND (date IS NULL OR date >= '{moment:%F}')"
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP MACRO lately(moment, date) AS ({lately})")

    def _open(self, database: Database | None = None) -> None:
        try:
            self._database = database or Database(self.files, self.fresh, self.workshop)
            self._connection = self._database.connection()
            self.worker = Worker(self._connection)
            self._views = Views(self._connection, self.selection, self.now, self.rated, self._database.defined)
        except (StoreError, *FAULTS) as error:  # the first file says which columns there are
            if database:
                self._open()  # a database that is closed already cannot tell that a file is gone
            elif not self.leaves_out(error):
                raise

    def _placed(self, error: duck.Error, statement: duck.Statement, parameters: Parameters | None) -> duck.Error:
        """The same error with its place in the text, which relations leave out: it fails again before it runs."""
        try:
            self._connection.execute(statement, dict(parameters) if parameters else None)
        except duck.Error as placed:
            return placed
        return error
