"""A question over events as they come: the same rules, filters and views as over the store, one lot at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from kevents import duck
from kevents.event import observe
from kevents.event.severity import Ratings
from kevents.query.database import create_rows
from kevents.query.selection import Selection
from kevents.query.view_definitions import Views
from kevents.store.journal.decode import tables
from kevents.store.segments.batch import Batch

if TYPE_CHECKING:
    import pyarrow as pa

_REMEMBERED = 100_000  # identities of a generation

# In a stream every observation is the newest of its event at its moment, and a repeat is worth a line of its own.
_EACH = """
CREATE OR REPLACE VIEW stored.newest AS
SELECT * FROM stored.observations
WHERE within(last_seen) AND within_days("day") AND shown("type", message, "count", severity, category)
"""


class Repeats:
    """Which observations were seen lately, by their hash: at least the last 100,000, at most twice as many."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._young: set[int] = set()
        self._old: set[int] = set()

    def is_new(self, identity: int) -> bool:
        """Whether this one was not seen, which it is from now on."""
        known = identity in self._young or identity in self._old
        self._young.add(identity)
        if len(self._young) >= self._most:
            self._old, self._young = self._young, set()
        return not known


class StreamViews:
    """The views over a lot of documents, for one selection. What was in an earlier lot is left out."""

    def __init__(self, selection: Selection, now: datetime, rated: Ratings | None = None) -> None:
        """rated: what each reason means; None for what ships with kevents."""
        self._connection = duck.connect()
        self._connection.execute("SET threads = 1")  # a lot is small: handing it around takes longer than the work
        self._batch = Batch(self._connection, "", now)
        self._repeats = Repeats()
        self._rows = 0
        rows = "SELECT * EXCLUDE (file, identity), rowid AS row_id FROM batch"
        create_rows(self._connection, rows)
        Views(self._connection, selection, now, rated).define_all()
        self._connection.execute(_EACH)

    @property
    def rows(self) -> int:
        """Observations that wait to be asked about."""
        return self._rows

    def remember(self, identities: Iterable[int]) -> None:
        """Take these for observations of an earlier lot."""
        for identity in identities:
            self._repeats.is_new(identity)

    def take(self, lines: bytes, cluster: str) -> None:
        """Add the documents, one a line, to the lot; those that are no JSON are left out."""
        import pyarrow as pa

        for table, _ in tables(lines):
            column = table.schema.get_field_index("cluster")
            labelled = table.set_column(column, "cluster", pa.repeat(pa.scalar(cluster), len(table)))
            self._batch.add([observe.of_file(labelled, 0)])
        self._drop_repeats()

    def ask(self, sql: str) -> pa.RecordBatch:
        """The answer over the lot, and a new lot."""
        import pyarrow as pa

        table = self._connection.sql(sql).to_arrow_table().combine_chunks()
        self._batch.clear()
        self._rows = 0
        batches = table.to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)

    def _drop_repeats(self) -> None:
        run = self._connection.execute
        taken = run(f"SELECT rowid, identity FROM batch WHERE rowid >= {self._rows}").fetchall()
        repeated = [row for row, identity in taken if not self._repeats.is_new(identity)]
        self._rows += len(taken)
        if repeated:
            run("DELETE FROM batch WHERE rowid IN (SELECT unnest($1))", [repeated])
