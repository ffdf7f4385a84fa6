"""The store: one directory, opened to read or to take in observations."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from kevents.errors import StoreError
from kevents.store import catalog, disk, lock, reader_lock
from kevents.store.catalog import Catalog, ClusterState, Retired, StoreFile
from kevents.store.coverage import Span
from kevents.store.coverage_transfer import adopted
from kevents.store.journal.files import journal_directories, numbered
from kevents.store.paths import (
    catalog_of,
    cluster_of,
    is_segment,
    journals,
    lock_of,
    observations,
    segment_paths,
    staging,
    upkeep,
)
from kevents.store.snapshot import Snapshot

_GRACE = timedelta(hours=1)  # for a reader who reads on and on, or holds no lock because its system has none


class NoStoreError(StoreError):
    """Nothing was ever stored in the directory."""


@dataclass(frozen=True)
class Store:
    """A store in a directory:

    catalog.json, catalog.json.bak               the files that count; the same before the last change
    observations/cluster=…/day=…/….parquet       the observations, hive-partitioned
    journal/cluster=…/                           what a recorder took and is no Parquet yet
    staging/                                     what a writer has not finished; swept by the next one
    lock, lock.holder                            one writer at a time
    upkeep/, upkeep.lock, upkeep.lock.holder     the same of what rewrites files, and holds the store at its end only
    quarantine/                                  damaged files, under the paths that they had
    readers                                      held by whoever may open files
    """

    directory: Path

    @classmethod
    def open(cls, directory: Path) -> Store:
        """The store in a directory, which must exist."""
        if not (catalog_of(directory).is_file() or journals(directory).is_dir() or segment_paths(directory)):
            if directory.is_file():
                raise StoreError(
                    f"{directory} is a file, and a store is a directory", hint="kevents import FILE reads dumps."
                )
            raise NoStoreError(
                f"there is no store in {directory} yet",
                hint="Import a dump first: kubectl get events -A -o json | kevents import -",
            )
        return cls(directory)

    def files(self) -> list[StoreFile]:
        """The Parquet files that make up the store now."""
        return list(self.catalog().files)

    def catalog(self) -> Catalog:
        """The store's files now, and what is known of its clusters."""
        return catalog.read(self.directory)

    def snapshot(self) -> Snapshot:
        """What readers see of the store now, with what its recorders took just before."""
        return Snapshot.take(self.directory)

    def coverage(self) -> Mapping[str, tuple[Span, ...]]:
        """For which spans of time each cluster was watched, listed or imported, and the gaps between."""
        return self.snapshot().coverage

    @property
    def staging(self) -> Path:
        return staging(self.directory)

    @property
    def upkeep(self) -> Path:
        return upkeep(self.directory)

    @contextmanager
    def writing(self, waiting: Callable[[str], None]) -> Iterator[None]:
        """Hold the store for writing: made if it is not there, swept of what a killed writer left."""
        try:
            self.make()
        except OSError as error:
            raise lock.unwritable(self.directory, error) from error
        with lock.writing(self.directory, waiting):
            self._sweep()
            try:
                yield
            finally:
                self._empty_staging()

    def publish(self, staged: list[StoreFile], imported: Mapping[str, Iterable[Span]] | None = None) -> None:
        """Make staged files part of the store, all of them or none, and the spans that they tell of, by cluster."""
        before = self.catalog()
        told = {}
        for cluster, spans in (imported or {}).items():
            known = before.of(cluster)
            told[cluster] = known.covering(adopted(known.coverage, spans))
        self.enter(self.move(staged), told)

    def move(self, staged: list[StoreFile], root: Path | None = None) -> list[StoreFile]:
        """Bring staged files to their places, where nobody sees them before they are entered into the catalog.

        root: below which directory they were staged, where that is not the staging directory.
        """
        if not catalog_of(self.directory).exists():
            catalog.save(self.directory, Catalog())  # segments without a catalog are a store that lost it
        moved = []
        directories: set[Path] = set()
        for file in staged:
            place = observations(self.directory) / file.path.relative_to(root or self.staging)
            disk.move(file.path, place)
            directories.update((place.parent, place.parent.parent, observations(self.directory)))
            moved.append(replace(file, path=place))
        for directory in directories:
            disk.sync_directory(directory)
        return moved

    def enter(self, files: list[StoreFile], clusters: Mapping[str, ClusterState]) -> None:
        """Enter files, and what is now known of clusters: the catalog's rename is the moment when all of it is true."""
        before = self.catalog()
        after = replace(before, files=(*before.files, *files), clusters={**before.clusters, **clusters})
        catalog.save(self.directory, after)

    def exchange(
        self, old: Iterable[StoreFile], new: Iterable[StoreFile], clusters: Mapping[str, ClusterState], now: datetime
    ) -> None:
        """Enter new files in the place of old ones, with one rename of the catalog.

        The old ones stay as long as a reader may be about to open them: see `release`.
        """
        before, gone = self.catalog(), {file.path for file in old}
        after = Catalog(
            files=(*(file for file in before.files if file.path not in gone), *new),
            clusters={**before.clusters, **clusters},
            retired=(*before.retired, *(Retired(path, now) for path in sorted(gone))),
        )
        catalog.save(self.directory, after)

    def release(self, now: datetime | None = None) -> None:
        """Delete the files that were replaced, if no reader is left who may open them, or in any case after an hour.

        now: None where the hour does not matter. Called while the store is held for writing.
        """
        before = self.catalog()
        if not before.retired:
            return
        with reader_lock.nobody(self.directory) as is_quiet:
            gone = [one for one in before.retired if is_quiet or (now and now - one.at >= _GRACE)]
            if gone:
                # first, so that no copy of the catalog lists them: a repair may go back to the one before the last
                kept = tuple(one for one in before.retired if one not in gone)
                catalog.save(self.directory, replace(before, retired=kept))
            for one in gone:
                with suppress(OSError):  # the next writer sweeps it
                    disk.remove(one.path)

    def make(self) -> None:
        """Make the directory a store, if it is not one; private to its user."""
        os.umask(0o077)  # event messages hold secrets: directories 0700, files 0600
        if self.directory.is_dir() and any(disk.listed(self.directory)) and not self._is_ours():
            raise StoreError(
                f"{self.directory} holds other files and is no kevents store",
                hint="name an empty or a new directory with --store",
            )
        if any(part.startswith(("cluster=", "day=")) for part in self.directory.absolute().parts):
            raise StoreError(
                f"a store in {self.directory} would be read wrongly: readers take cluster= and day= for partitions",
                hint="name another directory with --store",
            )
        disk.make(self.staging)
        disk.make(observations(self.directory))

    def _is_ours(self) -> bool:
        return any(made(self.directory).exists() for made in (catalog_of, lock_of, staging))

    def _sweep(self) -> None:
        """Remove what a killed writer left: staged files, files moved but not entered, journal files sealed already."""
        self._empty_staging()
        self.release()
        known = self.catalog()
        listed = {file.path for file in known.files} | {one.path for one in known.retired}
        for path in segment_paths(self.directory):
            if path not in listed and is_segment(path):
                disk.remove(path)
        for directory in journal_directories(self.directory):
            for number, path in numbered(directory).items():
                if number <= known.of(cluster_of(directory.name)).sealed:
                    disk.remove(path)

    def _empty_staging(self) -> None:
        disk.empty(self.staging)
