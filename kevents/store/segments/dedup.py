"""Finds the observations that the store already has: by hash, which is small, and then by comparing all columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kevents.duck import Error, instant
from kevents.event.observe import IDENTITY
from kevents.store import disk
from kevents.store.segments.damage import damage_causing
from kevents.store.segments.segment import hive_scan

if TYPE_CHECKING:
    from kevents.duck import Connection
    from kevents.store.catalog import StoreFile

ROW = ", ".join(f'"{name}"' for name in IDENTITY)
_FILES = hive_scan("$1")


class Deduplicator:
    """Deletes the rows of a table `batch` that the store already has. The hashes of a file are read only once."""

    def __init__(self, connection: Connection) -> None:
        self._run = connection.execute
        self._numbers: dict[str, int] = {}  # by name, which stays the same when a file is published
        self._run("CREATE TABLE hashes (identity UBIGINT, file_number INTEGER)")

    def drop_stored(self, files: Iterable[StoreFile]) -> None:
        """Delete the rows of the batch that are in one of the files.

        Damaged files are skipped, so their observations count as new. That way damage does not stop a recorder, and a
        second import of the same dump restores what was lost.
        """
        candidates = [file for file in self._candidates(files) if not disk.kind_of(file.path)]  # a pipe would block
        while True:
            try:
                self._drop(candidates)
            except (Error, UnicodeDecodeError) as error:
                damaged = {damage.file for damage in damage_causing(candidates, str(error)) if damage.is_lost}
                if not damaged:
                    raise
                candidates = [file for file in candidates if file not in damaged]
            else:
                return

    def _drop(self, candidates: list[StoreFile]) -> None:
        for file in candidates:
            if file.path.name not in self._numbers:
                number = len(self._numbers)
                self._run(f"INSERT INTO hashes SELECT hash({ROW}), {number} FROM {_FILES}", [[str(file.path)]])
                self._numbers[file.path.name] = number
        matches = self._run("SELECT DISTINCT file_number FROM hashes SEMI JOIN batch USING (identity)").fetchall()
        numbers = {number for (number,) in matches}
        paths = [str(file.path) for file in candidates if self._numbers[file.path.name] in numbers]
        if paths:
            self._delete(paths)

    def remember(self, file: StoreFile, condition: str, parameters: list[object]) -> None:
        """Keep the hashes of a new file: those of the rows of the batch that meet the condition."""
        number = self._numbers.setdefault(file.path.name, len(self._numbers))
        self._run(f"INSERT INTO hashes SELECT identity, {number} FROM batch WHERE {condition}", parameters)

    def _candidates(self, files: Iterable[StoreFile]) -> list[StoreFile]:
        """The files that can contain a row of the batch, by cluster, day and latest last_seen."""
        select = "SELECT cluster, day, epoch_us(min(last_seen)) FROM batch GROUP BY ALL"
        earliest = {(cluster, day): instant(first) for cluster, day, first in self._run(select).fetchall()}
        clusters = {cluster for cluster, _ in earliest}

        def may_overlap(file: StoreFile) -> bool:
            if file.day is None:  # times that were in the future when the file was written have a day by now
                return file.cluster in clusters
            first = earliest.get((file.cluster, file.day))
            return first is not None and (file.max_last_seen is None or file.max_last_seen >= first)

        return [file for file in files if may_overlap(file)]

    def _delete(self, paths: list[str]) -> None:
        is_same = " AND ".join(f'batch."{name}" IS NOT DISTINCT FROM stored."{name}"' for name in IDENTITY)
        self._run(
            f"""
            DELETE FROM batch WHERE rowid IN (
                WITH stored AS (
                    SELECT * FROM (SELECT {ROW}, hash({ROW}) AS identity FROM {_FILES}) SEMI JOIN batch USING (identity)
                )
                SELECT batch.rowid FROM batch SEMI JOIN stored ON batch.identity = stored.identity AND {is_same}
            )
            """,
            [paths],
        )
