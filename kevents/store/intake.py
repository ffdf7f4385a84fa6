"""Taking observations into the store: new ones only, and all of a batch of files or none of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kevents import duck
from kevents.errors import StoreError
from kevents.event import observe
from kevents.event.observe import Observer
from kevents.store import segment
from kevents.store.known import ROW, Known

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.store.catalog import StoreFile

_MEMORY = "200MB"  # DuckDB spills to the staging folder beyond this
_MOST_ROWS = 122_880  # of a segment: one row group, which DuckDB sorts within its memory
_MOST_BYTES = 160_000_000  # and its raw text: messages may be 1.5 MB each
_TOGETHER = 40_000  # raw rows become observations together: planning the rules costs as much as 10,000 rows do
_TOO_LITTLE = 64_000_000  # bytes free: DuckDB calls a full disk "out of memory"
_EARLIEST = datetime(2014, 6, 1, tzinfo=UTC)  # no cluster is older than Kubernetes

_INSERT = f"""
INSERT INTO batch BY NAME
SELECT
    *,
    CASE
        WHEN last_seen BETWEEN getvariable('earliest') AND getvariable('latest')
            THEN (last_seen AT TIME ZONE 'UTC')::DATE
    END AS day,
    hash({ROW}) AS identity
FROM ({{observations}})
"""

# absurd times, which have no day, do not stretch the span
_READ = """
SELECT
    file, count(*), 0,
    epoch_us(min(last_seen) FILTER (day IS NOT NULL)), epoch_us(max(last_seen) FILTER (day IS NOT NULL)),
    list(DISTINCT cluster)
FROM batch GROUP BY file
"""


@dataclass
class Counts:
    """Of one file: events read, observations that the store did not have, the span of last_seen, clusters."""

    read: int = 0
    new: int = 0
    first: datetime | None = None
    last: datetime | None = None
    clusters: set[str] = field(default_factory=set)


class Intake:
    """An open batch of files on its way into the store. Rows wait in DuckDB, segments in the staging folder."""

    def __init__(self, known: list[StoreFile], staging: Path, cluster: str, now: datetime) -> None:
        """known: the store's files; now: last_seen a day later than this is absurd and has no day of its own."""
        self.counts: dict[int, Counts] = {}  # by number of file; final once `finish` was called
        self._files = known
        self._staged: list[StoreFile] = []
        self._staging = staging
        self._raw: list[pa.Table] = []
        self._raw_rows = 0
        self._rows = 0
        self._bytes = 0
        self._connection = duck.connect(memory=_MEMORY, spill=str(staging / "spill"))
        self._observer = Observer(self._connection, cluster)
        self._connection.execute("SET VARIABLE earliest = $1", [_EARLIEST])
        self._connection.execute("SET VARIABLE latest = $1", [now + timedelta(days=1)])
        self._known = Known(self._connection)
        self._make_batch()

    @property
    def waiting(self) -> int:
        """Observations taken in and not yet published."""
        return self._rows + sum(file.rows for file in self._staged)

    def add(self, raw: pa.Table, file: int) -> None:
        """Take in a table of raw fields (event.raw.RAW) that came from the file of that number."""
        self._raw.append(observe.of_file(raw, file))
        self._raw_rows += len(raw)
        self._rows += len(raw)
        self._bytes += raw.nbytes
        if self._rows >= _MOST_ROWS or self._bytes >= _MOST_BYTES:
            self._write()
        elif self._raw_rows >= _TOGETHER:
            self._observe()

    def finish(self) -> list[StoreFile]:
        """The staged files of all that was taken in since the last call, ready to be published."""
        if self._rows:
            self._write()
        staged, self._staged = self._staged, []
        return staged

    def know(self, files: list[StoreFile]) -> None:
        """Take these for the store's files from now on."""
        self._files = files

    def failure(self, error: Exception) -> StoreError:
        """What an error of DuckDB or of the system while writing means to a user."""
        free = shutil.disk_usage(self._staging).free
        cause = f"its disk is full ({free / 1e6:.0f} MB free)" if free < _TOO_LITTLE else str(error).splitlines()[0]
        return StoreError(
            f"the store cannot be written: {cause}",
            hint="What was stored before is untouched; when this is mended, import the same files again.",
        )

    def close(self) -> None:
        self._connection.close()

    def _make_batch(self) -> None:
        # made anew, for deleted rows hold on to their memory
        self._connection.execute(f"CREATE OR REPLACE TABLE batch ({observe.columns()}, day DATE, identity UBIGINT)")

    def _observe(self) -> None:
        if self._raw:
            self._observer.look(self._raw)
            self._connection.execute(_INSERT.format(observations=self._observer.select))
        self._raw = []
        self._raw_rows = 0

    def _write(self) -> None:
        run = self._connection.execute
        self._observe()
        self._count(_READ)
        self._drop_twins()
        self._known.drop([*self._files, *self._staged])
        self._count("SELECT file, 0, count(*), NULL, NULL, [] FROM batch GROUP BY file")
        for cluster, day in run("SELECT DISTINCT cluster, day FROM batch ORDER BY ALL").fetchall():
            written = segment.write(self._connection, "batch", cluster, day, self._staging)
            self._known.remember(written, segment.OURS, [cluster, day])
            self._staged.append(written)
        self._make_batch()
        self._rows = self._bytes = 0

    def _count(self, query: str) -> None:
        for file, read, new, first, last, clusters in self._connection.execute(query).fetchall():
            counts = self.counts.setdefault(file, Counts())
            counts.read += read
            counts.new += new
            counts.first = min(filter(None, (counts.first, segment.instant(first))), default=None)
            counts.last = max(filter(None, (counts.last, segment.instant(last))), default=None)
            counts.clusters.update(clusters)

    def _drop_twins(self) -> None:
        """Keep the first of the observations that are the same within the batch.

        Twins are looked for by hash, which costs a tenth of comparing every column, and then compared.
        """
        self._connection.execute(
            f"""
            DELETE FROM batch WHERE rowid IN (
                WITH twins AS (SELECT identity FROM batch GROUP BY identity HAVING count(*) > 1)
                SELECT row FROM (
                    SELECT rowid AS row, row_number() OVER (PARTITION BY {ROW} ORDER BY rowid) AS place
                    FROM batch SEMI JOIN twins USING (identity)
                ) WHERE place > 1
            )
            """
        )
