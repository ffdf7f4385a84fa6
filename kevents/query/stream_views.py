"""The views over events as they arrive, one batch at a time, with the same rules and filters as over the store."""

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

_REMEMBERED = 100_000  # identities, at least

# In a stream each observation is the newest one of its event when it arrives, so every repeat is a row of its own.
_EVERY_OBSERVATION = """
CREATE OR REPLACE VIEW stored.newest AS
SELECT * FROM stored.observations
WHERE in_window(last_seen) AND in_window_days("day")
    AND observation_matches("type", message, "count", severity, category)
"""


class RecentIdentities:
    """The hashes of recent observations: at least the last 100,000, at most twice as many."""

    def __init__(self, minimum: int = _REMEMBERED) -> None:
        self._minimum = minimum
        self._newer: set[int] = set()
        self._older: set[int] = set()

    def is_new(self, identity: int) -> bool:
        """Whether the observation is not among the recent ones. It is added to them."""
        is_known = identity in self._newer or identity in self._older
        self._newer.add(identity)
        if len(self._newer) >= self._minimum:
            self._older, self._newer = self._newer, set()
        return not is_known


class StreamViews:
    """The views over one batch of documents, for one selection. Observations of earlier batches are skipped."""

    def __init__(self, selection: Selection, now: datetime, ratings: Ratings | None = None) -> None:
        """ratings: of reasons; None for the built-in ones."""
        self._connection = duck.connect()
        self._connection.execute("SET threads = 1")  # a batch is small: splitting the work takes longer than doing it
        self._batch = Batch(self._connection, "", now)
        self._recent = RecentIdentities()
        self._rows = 0
        rows = "SELECT * EXCLUDE (file, identity), rowid AS row_id FROM batch"
        create_rows(self._connection, rows)
        Views(self._connection, selection, now, ratings).define_all()
        self._connection.execute(_EVERY_OBSERVATION)

    @property
    def rows(self) -> int:
        """The number of observations in the batch."""
        return self._rows

    def remember(self, identities: Iterable[int]) -> None:
        """Treat the observations with these hashes as part of an earlier batch."""
        for identity in identities:
            self._recent.is_new(identity)

    def add(self, lines: bytes, cluster: str) -> None:
        """Add documents, one per line, to the batch; lines that are not JSON are skipped."""
        import pyarrow as pa

        for table, _ in tables(lines):
            column = table.schema.get_field_index("cluster")
            labelled = table.set_column(column, "cluster", pa.repeat(pa.scalar(cluster), len(table)))
            self._batch.add([observe.with_file_number(labelled, 0)])
        self._drop_repeats()

    def run_and_clear(self, sql: str) -> pa.RecordBatch:
        """The rows of the SQL over the batch; after that, the batch is empty."""
        import pyarrow as pa

        table = self._connection.sql(sql).to_arrow_table().combine_chunks()
        self._batch.clear()
        self._rows = 0
        batches = table.to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)

    def _drop_repeats(self) -> None:
        run = self._connection.execute
        added = run(f"SELECT rowid, identity FROM batch WHERE rowid >= {self._rows}").fetchall()
        repeated = [row for row, identity in added if not self._recent.is_new(identity)]
        self._rows += len(added)
        if repeated:
            run("DELETE FROM batch WHERE rowid IN (SELECT unnest($1))", [repeated])
