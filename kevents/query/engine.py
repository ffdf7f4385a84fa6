"""How a question runs: a private database over the store's files, narrowed by a selection and closed to all else."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from kevents import duck
from kevents.errors import StoreError
from kevents.event.schema import PARTITION, SCHEMA, STORED
from kevents.event.severity import Ratings
from kevents.query.care import FAULTS, broke_off
from kevents.query.defining import Views
from kevents.query.failure import failure
from kevents.query.interrupt import Worker
from kevents.query.selection import Selection
from kevents.query.statement import Parameters, check_parameters, literal, reading_statement

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from kevents.query.care import Care
    from kevents.store.catalog import StoreFile

_BATCH_ROWS = 50_000
_WORKSHOP_MEMORY = "600MB"
# DuckDB numbers the files that a scan opens, so that two scans of one question number them differently
_ROW_ID = "hash(filename)::HUGEINT * 1099511627776 + file_row_number"

T = TypeVar("T")


class Batches:
    """The rows of an answer as they come; once."""

    def __init__(self, engine: Engine, sql: str, relation: Callable[[], duck.Relation]) -> None:
        """relation: makes what the SQL says, over the files that the engine has then."""
        self._engine = engine  # which has the folder that DuckDB may spill to
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

    fresh: rows that no file holds, with the columns of the files and of their folders. rated: what each reason means;
    None for what ships with kevents. care: what becomes of damaged files; without it, a question that reads one fails.
    workshop: the folder that `write` may write into, with little memory; None where nothing is to be written.
    """

    files: Sequence[StoreFile]  # the damaged ones go as they are found
    selection: Selection
    now: datetime
    fresh: pa.Table | None = None
    rated: Ratings | None = None
    care: Care | None = None
    workshop: Path | None = None
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self._spill = tempfile.mkdtemp(prefix="kevents-", dir=self.workshop)  # readable by its owner alone
        weakref.finalize(self, shutil.rmtree, self._spill, ignore_errors=True)
        if self.care:
            self.files = self.care.whole(self.files, self.selection.has_cluster)
        self._open()

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

    def write(self, sql: str, parameters: Parameters, path: Path, options: str) -> None:
        """Write the answer to a file in the workshop, as COPY does with these options. Raises duck.Error."""
        statement = f"COPY ({sql}) TO {_literal(str(path))} ({options})"
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
        self._connection.execute(f"CREATE OR REPLACE MACRO stored.lately(moment, date) AS ({lately})")

    def _open(self) -> None:
        self._connection = duck.connect(memory=_WORKSHOP_MEMORY if self.workshop else None, spill=self._spill)
        self.worker = Worker(self._connection)
        rows = _rows(self.files)
        if self.fresh is not None:
            self._take(self.fresh)
            rows += " UNION ALL BY NAME SELECT *, -1 - rowid AS row_id FROM stored.fresh"
        try:
            self._views = Views(self._connection, rows, self.selection, self.now, self.rated)
        except (StoreError, *FAULTS) as error:  # the first file says which columns there are
            if not self.leaves_out(error):
                raise
        else:
            self._lock([str(file.path) for file in self.files])

    def _take(self, fresh: pa.Table) -> None:
        columns = ", ".join(f'"{field.name}"::{field.stored} AS "{field.name}"' for field in (*STORED, *PARTITION))
        self._connection.execute("CREATE SCHEMA stored")
        self._connection.register("fresh", fresh)
        self._connection.execute(f"CREATE TABLE stored.fresh AS SELECT {columns} FROM fresh")
        self._connection.unregister("fresh")

    def _lock(self, paths: list[str]) -> None:
        folders = [str(self.workshop)] if self.workshop else []
        for setting in (
            "errors_as_json = true",
            f"allowed_paths = [{', '.join(map(_literal, paths))}]",
            f"allowed_directories = [{', '.join(map(_literal, folders))}]",
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


def _rows(files: Sequence[StoreFile]) -> str:
    """All rows of the files. What a file of an older schema lacks is null; which those are, the catalog knows."""
    by_schema: dict[int, list[str]] = {}
    for file in files:
        by_schema.setdefault(file.schema, []).append(_literal(str(file.path)))
    scans = [
        f"SELECT *, {_ROW_ID} AS row_id FROM read_parquet([{', '.join(paths)}], hive_partitioning = true, "
        "hive_types = {'cluster': VARCHAR, 'day': DATE})"
        for paths in by_schema.values()
    ]
    if by_schema.keys() != {SCHEMA}:
        nothing = ", ".join(f'NULL::{field.stored} AS "{field.name}"' for field in (*STORED, *PARTITION))
        scans.append(f"SELECT {nothing}, NULL::HUGEINT AS row_id WHERE false")
    return " UNION ALL BY NAME ".join(scans)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
