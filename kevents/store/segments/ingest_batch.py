"""Taking observations into the store: new ones only, and all of a batch of files or none of it."""

from __future__ import annotations

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
from kevents.store.free_space import cause
from kevents.store.paths import spill_of
from kevents.store.segments import segment
from kevents.store.segments.batch import Batch
from kevents.store.segments.dedup import Deduplicator

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.store.catalog import StoreFile

_MEMORY = "200MB"  # DuckDB spills to the staging directory beyond this
_MOST_ROWS = 122_880  # of a segment: one row group, which DuckDB sorts within its memory
_MOST_BYTES = 160_000_000  # and its raw text: messages may be 1.5 MB each
_TOGETHER = 40_000  # raw rows become observations together: planning the rules costs as much as 10,000 rows do

# absurd times, which have no day, do not stretch the span
_READ = """
SELECT
    file, cluster, count(*), 0,
    epoch_us(min(last_seen) FILTER (day IS NOT NULL)), epoch_us(max(last_seen) FILTER (day IS NOT NULL))
FROM batch GROUP BY file, cluster
"""


@dataclass
class Counts:
    """Of one file: events read, observations that the store did not have, the span of last_seen, clusters."""

    read: int = 0
    new: int = 0
    first: datetime | None = None
    last: datetime | None = None
    clusters: set[str] = field(default_factory=set)

    def widen(self, first: datetime | None, last: datetime | None) -> None:
        """Let the span of last_seen reach from the first to the last moment as well."""
        self.first = min(filter(None, (self.first, first)), default=None)
        self.last = max(filter(None, (self.last, last)), default=None)


class IngestBatch:
    """An open batch of files on its way into the store. Rows wait in DuckDB, segments in the staging directory."""

    def __init__(self, known: list[StoreFile], staging: Path, cluster: str, now: datetime) -> None:
        """known: the store's files; now: last_seen a day later than this is absurd and has no day of its own."""
        self.counts: dict[int, Counts] = {}  # by number of file; final once `finish` was called
        self._spans: dict[tuple[int, str], Counts] = {}  # by file and cluster
        self._told: dict[int, Mapping[str, Sequence[Span]]] = {}  # by file
        self._files = known
        self._staged: list[StoreFile] = []
        self._staging = staging
        self._raw: list[pa.Table] = []
        self._raw_rows = 0
        self._rows = 0
        self._bytes = 0
        self._connection = duck.connect(memory=_MEMORY, spill=str(spill_of(staging)))
        self._batch = Batch(self._connection, cluster, now)
        self._known = Deduplicator(self._connection)

    @property
    def waiting(self) -> int:
        """Observations taken in and not yet published."""
        return self._rows + sum(file.rows for file in self._staged)

    def add(self, raw: pa.Table, file: int) -> None:
        """Take in a table of raw fields (event.raw.RAW) that came from the file of that number."""
        self._raw.append(observe.with_file_number(raw, file))
        self._raw_rows += len(raw)
        self._rows += len(raw)
        self._bytes += raw.nbytes
        if not self._write_if_full() and self._raw_rows >= _TOGETHER:
            self._observe()

    def add_rows(self, rows: pa.Table, file: int) -> int:
        """Take in observations of another store; how many rows were none. See `kevents.ingest.parquet_input`."""
        refused = self._batch.take_rows(rows, file)
        self._rows += len(rows) - refused
        self._bytes += rows.nbytes
        self._write_if_full()
        return refused

    def covers(self, coverage: Mapping[str, Sequence[Span]], file: int) -> None:
        """Know what the observations of the file of that number cover, by cluster."""
        self._told[file] = coverage

    def finish(self) -> list[StoreFile]:
        """The staged files of all that was taken in since the last call, ready to be published."""
        if self._rows:
            self._write()
        staged, self._staged = self._staged, []
        return staged

    def imported(self) -> dict[str, list[Span]]:
        """What each file so far covers, by cluster: what it says itself, else the time that it tells of."""
        spans: dict[str, list[Span]] = {}
        for coverage in self._told.values():
            for cluster, told in coverage.items():
                spans.setdefault(cluster, []).extend(told)
        for (file, cluster), seen in self._spans.items():
            if seen.first and seen.last and cluster not in self._told.get(file, ()):
                spans.setdefault(cluster, []).append(Span(ALL, State.IMPORTED, seen.first, seen.last))
        return spans

    def know(self, files: list[StoreFile]) -> None:
        """Take these for the store's files from now on."""
        self._files = files

    def failure(self, error: Exception) -> StoreError:
        """What an error of DuckDB or of the system while writing means to a user."""
        return StoreError(
            f"the store cannot be written: {cause(error, self._staging)}",
            hint="What was stored before is untouched; when this is mended, import the same files again.",
        )

    def close(self) -> None:
        self._connection.close()

    def _write_if_full(self) -> bool:
        is_full = self._rows >= _MOST_ROWS or self._bytes >= _MOST_BYTES
        if is_full:
            self._write()
        return is_full

    def _observe(self) -> None:
        self._batch.take(self._raw)
        self._raw = []
        self._raw_rows = 0

    def _write(self) -> None:
        run = self._connection.execute
        self._observe()
        self._count(_READ)
        self._batch.drop_twins()
        self._known.drop([*self._files, *self._staged])
        self._count("SELECT file, cluster, 0, count(*), NULL, NULL FROM batch GROUP BY file, cluster")
        for cluster, day in run("SELECT DISTINCT cluster, day FROM batch ORDER BY ALL").fetchall():
            written = segment.write(self._connection, "batch", cluster, day, self._staging)
            self._known.remember(written, segment.OURS, [cluster, day])
            self._staged.append(written)
        self._batch.empty()
        self._rows = self._bytes = 0

    def _count(self, query: str) -> None:
        for file, cluster, read, new, first, last in self._connection.execute(query).fetchall():
            counts = self.counts.setdefault(file, Counts())
            counts.read += read
            counts.new += new
            counts.clusters.add(cluster)
            span = instant(first), instant(last)
            counts.widen(*span)
            self._spans.setdefault((file, cluster), Counts()).widen(*span)
