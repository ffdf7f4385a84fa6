"""Stores the new observations of a batch of input files: all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kevents import duck
from kevents.duck import instant
from kevents.errors import StoreError
from kevents.event import observe
from kevents.store.coverage import ALL, Span, State
from kevents.store.free_space import write_failure
from kevents.store.paths import spill_of
from kevents.store.segments import segment
from kevents.store.segments.batch import Batch
from kevents.store.segments.dedup import Deduplicator

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.store.catalog import StoreFile

_MEMORY = "200MB"  # DuckDB spills to the staging directory beyond this
_MAX_ROWS = 122_880  # of a segment: one row group, which DuckDB sorts within its memory
_MAX_BYTES = 72_000_000  # of raw data per segment; this many rows of an ordinary dump have less
# Sorting, compressing and writing need several copies of a column at once, and a message can have 1.5 MB.
_MAX_COLUMN_BYTES = 16_000_000
_OBSERVE_ROWS = 40_000  # raw rows to convert at once: planning the query takes as long as 10,000 rows

# times out of range, which have no day, are not part of the time range
_COUNT_READ = """
SELECT
    file, cluster, count(*), 0,
    epoch_us(min(last_seen) FILTER (day IS NOT NULL)), epoch_us(max(last_seen) FILTER (day IS NOT NULL))
FROM batch GROUP BY file, cluster
"""


@dataclass
class Counts:
    """Counts of one input file. read: events. new: observations. first, last: the range of last_seen."""

    read: int = 0
    new: int = 0
    first: datetime | None = None
    last: datetime | None = None
    clusters: set[str] = field(default_factory=set)

    def widen(self, first: datetime | None, last: datetime | None) -> None:
        """Extend the time range to include these times."""
        self.first = min(filter(None, (self.first, first)), default=None)
        self.last = max(filter(None, (self.last, last)), default=None)


class IngestBatch:
    """A batch of input files. Rows wait in DuckDB, and segments in the staging directory, until they are published."""

    def __init__(self, stored: list[StoreFile], staging: Path, cluster: str, now: datetime) -> None:
        """stored: the files of the store. now: a last_seen more than a day later is out of range, and gets no day."""
        self.counts: dict[int, Counts] = {}  # by file number; final after `finish`
        self._cluster_counts: dict[tuple[int, str], Counts] = {}  # by file number and cluster
        self._coverage: dict[int, Mapping[str, Sequence[Span]]] = {}  # by file number
        self._files = stored
        self._staged: list[StoreFile] = []
        self._staging = staging
        self._raw: list[pa.Table] = []
        self._raw_rows = 0
        self._rows = 0
        self._bytes: Counter[str] = Counter()  # by column
        self._connection = duck.connect(memory=_MEMORY, spill=str(spill_of(staging)))
        self._batch = Batch(self._connection, cluster, now)
        self._deduplicator = Deduplicator(self._connection)

    @property
    def pending(self) -> int:
        """The number of observations that were added and are not published yet."""
        return self._rows + sum(file.rows for file in self._staged)

    def add(self, raw: pa.Table, file: int) -> None:
        """Add a table of raw fields (event.raw.RAW) from the input file of this number."""
        self._make_room(raw)
        self._raw.append(observe.with_file_number(raw, file))
        self._raw_rows += len(raw)
        self._rows += len(raw)
        if not self._write_if_full() and self._raw_rows >= _OBSERVE_ROWS:
            self._observe()

    def add_rows(self, rows: pa.Table, file: int) -> int:
        """Add rows of another store. Returns the number of invalid rows, which are skipped."""
        self._make_room(rows)
        refused = self._batch.add_rows(rows, file)
        self._rows += len(rows) - refused
        self._write_if_full()
        return refused

    def add_coverage(self, coverage: Mapping[str, Sequence[Span]], file: int) -> None:
        """Set the coverage of the input file of this number, by cluster."""
        self._coverage[file] = coverage

    def finish(self) -> list[StoreFile]:
        """The staged files with everything that was added since the last call, ready to be published."""
        if self._rows:
            self._write()
        staged, self._staged = self._staged, []
        return staged

    def coverage(self) -> dict[str, list[Span]]:
        """The coverage of all input files so far, by cluster: as set for the file, else the time of its events."""
        spans: dict[str, list[Span]] = {}
        for coverage in self._coverage.values():
            for cluster, of_cluster in coverage.items():
                spans.setdefault(cluster, []).extend(of_cluster)
        for (file, cluster), counts in self._cluster_counts.items():
            if counts.first and counts.last and cluster not in self._coverage.get(file, ()):
                spans.setdefault(cluster, []).append(Span(ALL, State.IMPORTED, counts.first, counts.last))
        return spans

    def use_files(self, files: list[StoreFile]) -> None:
        """Update the files of the store, after publishing."""
        self._files = files

    def write_error(self, error: Exception) -> StoreError:
        """The StoreError for an error of DuckDB or the system while writing."""
        return StoreError(
            f"the store cannot be written: {write_failure(error, self._staging)}",
            hint="Stored data is unchanged. Fix the problem and import the same files again.",
        )

    def close(self) -> None:
        self._connection.close()

    def _make_room(self, table: pa.Table) -> None:
        """Write the rows so far if the batch would be too large with those of the table."""
        added = _column_bytes(table)
        if self._rows and _is_full(self._rows + len(table), self._bytes + added):
            self._write()
        self._bytes += added

    def _write_if_full(self) -> bool:
        is_full = _is_full(self._rows, self._bytes)
        if is_full:
            self._write()
        return is_full

    def _observe(self) -> None:
        self._batch.add(self._raw)
        self._raw = []
        self._raw_rows = 0

    def _write(self) -> None:
        run = self._connection.execute
        self._observe()
        self._count(_COUNT_READ)
        self._batch.drop_duplicates()
        self._deduplicator.drop_stored([*self._files, *self._staged])
        self._count("SELECT file, cluster, 0, count(*), NULL, NULL FROM batch GROUP BY file, cluster")
        for cluster, day in run("SELECT DISTINCT cluster, day FROM batch ORDER BY ALL").fetchall():
            written = segment.write(self._connection, "batch", cluster, day, self._staging)
            self._deduplicator.remember(written, segment.IN_PARTITION, [cluster, day])
            self._staged.append(written)
        self._batch.clear()
        self._rows = 0
        self._bytes.clear()
        _release_memory()

    def _count(self, query: str) -> None:
        for file, cluster, read, new, first, last in self._connection.execute(query).fetchall():
            counts = self.counts.setdefault(file, Counts())
            counts.read += read
            counts.new += new
            counts.clusters.add(cluster)
            times = instant(first), instant(last)
            counts.widen(*times)
            self._cluster_counts.setdefault((file, cluster), Counts()).widen(*times)


def _is_full(rows: int, column_bytes: Counter[str]) -> bool:
    largest = max(column_bytes.values(), default=0)
    return rows >= _MAX_ROWS or column_bytes.total() >= _MAX_BYTES or largest >= _MAX_COLUMN_BYTES


def _column_bytes(table: pa.Table) -> Counter[str]:
    return Counter({name: column.nbytes for name, column in zip(table.column_names, table.columns, strict=True)})


def _release_memory() -> None:
    """Return freed memory to the system, which the allocator keeps otherwise: 60 MB after long messages."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
