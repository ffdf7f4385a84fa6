"""Which observations the store has already: found by hash, which is small, and then compared in full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kevents.duck import Error, instant
from kevents.event.observe import IDENTITY
from kevents.store.segments.damage import culprits

if TYPE_CHECKING:
    from kevents.duck import Connection
    from kevents.store.catalog import StoreFile

ROW = ", ".join(f'"{name}"' for name in IDENTITY)
_FILES = "read_parquet($1, hive_partitioning = true, hive_types = {'cluster': VARCHAR, 'day': DATE})"


class Deduplicator:
    """Drops from a table `batch` what files of the store hold. The hashes of a file are read once and then kept."""

    def __init__(self, connection: Connection) -> None:
        self._run = connection.execute
        self._numbers: dict[str, int] = {}  # by name: a file keeps its name when it is published
        self._run("CREATE TABLE seen (identity UBIGINT, number INTEGER)")

    def drop(self, files: Iterable[StoreFile]) -> None:
        """Delete the rows of the batch that one of the files holds, of those that may hold them.

        Damaged files are passed over: what was only in them is new again. So damage does not stop a recorder, and
        importing the same dump again brings back what was lost.
        """
        candidates = self._of_same_days(files)
        while True:
            try:
                self._drop(candidates)
            except (Error, UnicodeDecodeError) as error:
                damaged = {one.file for one in culprits(candidates, str(error)) if one.is_lost}
                if not damaged:
                    raise
                candidates = [file for file in candidates if file not in damaged]
            else:
                return

    def _drop(self, candidates: list[StoreFile]) -> None:
        for file in candidates:
            if file.path.name not in self._numbers:
                number = len(self._numbers)
                self._run(f"INSERT INTO seen SELECT hash({ROW}), {number} FROM {_FILES}", [[str(file.path)]])
                self._numbers[file.path.name] = number
        hits = {n for (n,) in self._run("SELECT DISTINCT number FROM seen SEMI JOIN batch USING (identity)").fetchall()}
        paths = [str(file.path) for file in candidates if self._numbers[file.path.name] in hits]
        if paths:
            self._delete(paths)

    def remember(self, file: StoreFile, rows: str, parameters: list[object]) -> None:
        """Take the hashes of a file from the rows of the batch that were just written to it."""
        self._run(f"INSERT INTO seen SELECT identity, {self._number(file)} FROM batch WHERE {rows}", parameters)

    def _of_same_days(self, files: Iterable[StoreFile]) -> list[StoreFile]:
        """The files that may hold a row of the batch, by cluster, day and the newest that they hold."""
        select = "SELECT cluster, day, epoch_us(min(last_seen)) FROM batch GROUP BY ALL"
        earliest = {(cluster, day): instant(first) for cluster, day, first in self._run(select).fetchall()}
        clusters = {cluster for cluster, _ in earliest}

        def may_hold(file: StoreFile) -> bool:
            if file.day is None:  # what lay in the future once, in no day's directory, has a day now
                return file.cluster in clusters
            first = earliest.get((file.cluster, file.day))
            return first is not None and (file.max_last_seen is None or file.max_last_seen >= first)

        return [file for file in files if may_hold(file)]

    def _number(self, file: StoreFile) -> int:
        return self._numbers.setdefault(file.path.name, len(self._numbers))

    def _delete(self, paths: list[str]) -> None:
        same = " AND ".join(f'batch."{name}" IS NOT DISTINCT FROM known."{name}"' for name in IDENTITY)
        self._run(
            f"""
            DELETE FROM batch WHERE rowid IN (
                WITH known AS (
                    SELECT * FROM (SELECT {ROW}, hash({ROW}) AS identity FROM {_FILES}) SEMI JOIN batch USING (identity)
                )
                SELECT batch.rowid FROM batch SEMI JOIN known ON batch.identity = known.identity AND {same}
            )
            """,
            [paths],
        )
