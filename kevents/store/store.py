"""The store: a directory that is opened to read or to write observations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from kevents.errors import StoreError
from kevents.store import catalog, disk, layout, lock, reader_lock
from kevents.store.catalog import Catalog, ClusterState, Retired, StoreFile
from kevents.store.coverage import Span
from kevents.store.coverage_transfer import adopted
from kevents.store.journal.files import journal_directories, journal_files
from kevents.store.paths import (
    catalog_of,
    cluster_of,
    is_segment,
    journals,
    lock_of,
    observations,
    rewrite_staging,
    segment_paths,
    staging,
)
from kevents.store.snapshot import Snapshot

_GRACE = timedelta(hours=1)  # for readers without a lock, because their platform has none, and for stuck ones


class NoStoreError(StoreError):
    """There is no store in the directory."""


@dataclass(frozen=True)
class Store:
    """A store in a directory:

    catalog.json, catalog.json.bak              the files of the store; the backup before the last change
    observations/cluster=…/day=…/….parquet      the observations, hive-partitioned
    journal/cluster=…/                          what a recorder wrote and that is not in a segment yet
    staging/                                    unfinished files of a writer; emptied by the next one
    lock, lock.holder                           the lock of writers
    upkeep/, upkeep.lock, upkeep.lock.holder    the same for compaction and pruning, which block writers only briefly
    quarantine/                                 damaged files, under their paths in the store
    readers                                     the shared lock of readers
    """

    directory: Path

    @classmethod
    def open(cls, directory: Path) -> Store:
        """The existing store in a directory. Raises NoStoreError if there is none."""
        layout.check(directory)
        if not (catalog_of(directory).is_file() or journals(directory).is_dir() or segment_paths(directory)):
            if directory.is_file():
                raise StoreError(
                    f"{directory} is a file, but a store is a directory", hint="Use kevents import FILE to read dumps."
                )
            raise NoStoreError(
                f"there is no store in {directory} yet",
                hint="Import a dump first: kubectl get events -A -o json | kevents import -",
            )
        return cls(directory)

    def files(self) -> list[StoreFile]:
        """The Parquet files of the store now."""
        return list(self.catalog().files)

    def catalog(self) -> Catalog:
        """The catalog now."""
        return catalog.read(self.directory)

    def snapshot(self) -> Snapshot:
        """What readers see now, including the latest events in journals."""
        return Snapshot.take(self.directory)

    def coverage(self) -> Mapping[str, tuple[Span, ...]]:
        """The time spans in which each cluster was watched, listed or imported, and the gaps between them."""
        return self.snapshot().coverage

    @property
    def staging(self) -> Path:
        return staging(self.directory)

    @property
    def rewrite_staging(self) -> Path:
        return rewrite_staging(self.directory)

    @contextmanager
    def writing(self, on_wait: Callable[[str], None]) -> Iterator[None]:
        """Hold the write lock. Creates the store if needed, and cleans up after a killed writer."""
        try:
            self.create()
        except OSError as error:
            raise lock.not_writable(self.directory, error) from error
        with lock.writing(self.directory, on_wait):
            try:
                self._clean_up()
            except OSError as error:
                raise lock.not_writable(self.directory, error) from error
            try:
                yield
            finally:
                with suppress(OSError):  # on a full disk; the next writer creates it
                    self._empty_staging()

    def publish(self, staged: list[StoreFile], coverage: Mapping[str, Iterable[Span]] | None = None) -> None:
        """Add staged files and their coverage, by cluster, to the store: all of them or none."""
        before = self.catalog()
        states = {}
        for cluster, spans in (coverage or {}).items():
            state = before.cluster(cluster)
            states[cluster] = state.with_coverage(adopted(state.coverage, spans))
        self.commit(self.move(staged), states)

    def move(self, staged: list[StoreFile], root: Path | None = None) -> list[StoreFile]:
        """Move staged files to their final directories. Readers ignore them until they are in the catalog.

        root: where the files were staged, if not in the staging directory.
        """
        if not catalog_of(self.directory).exists():
            catalog.save(self.directory, Catalog())  # segments without a catalog would look like a lost catalog
        moved = []
        directories: set[Path] = set()
        for file in staged:
            target = observations(self.directory) / file.path.relative_to(root or self.staging)
            disk.move(file.path, target)
            directories.update((target.parent, target.parent.parent, observations(self.directory)))
            moved.append(replace(file, path=target))
        for directory in directories:
            disk.sync_directory(directory)
        return moved

    def commit(self, files: list[StoreFile], clusters: Mapping[str, ClusterState]) -> None:
        """Add files to the catalog and update the states of clusters, atomically."""
        before = self.catalog()
        after = replace(before, files=(*before.files, *files), clusters={**before.clusters, **clusters})
        catalog.save(self.directory, after)

    def exchange(
        self, old: Iterable[StoreFile], new: Iterable[StoreFile], clusters: Mapping[str, ClusterState], now: datetime
    ) -> None:
        """Replace old files in the catalog with new ones, atomically.

        The old files stay on disk as long as a reader may need them: see `delete_retired`.
        """
        before, gone = self.catalog(), {file.path for file in old}
        after = Catalog(
            files=(*(file for file in before.files if file.path not in gone), *new),
            clusters={**before.clusters, **clusters},
            retired=(*before.retired, *(Retired(path, now) for path in sorted(gone))),
        )
        catalog.save(self.directory, after)

    def delete_retired(self, now: datetime | None = None) -> None:
        """Delete replaced files: all if the store has no readers, else those replaced more than an hour before now.

        The caller holds the write lock.
        """
        before = self.catalog()
        if not before.retired:
            return
        with reader_lock.without_readers(self.directory) as has_no_readers:
            deleted = [file for file in before.retired if has_no_readers or (now and now - file.at >= _GRACE)]
            if deleted:
                # first: from then on, the backup of the catalog, which a repair may use, lists them as retired
                kept = tuple(file for file in before.retired if file not in deleted)
                catalog.save(self.directory, replace(before, retired=kept))
            for file in deleted:
                with suppress(OSError):  # the next writer deletes it
                    disk.remove(file.path)

    def create(self) -> None:
        """Create the store if it does not exist. Raises StoreError for one that is not safe to write to."""
        if self.directory.is_dir() and not disk.is_empty(self.directory) and not self._is_store():
            raise StoreError(
                f"{self.directory} is not empty and not a kevents store",
                hint="Use --store with a new or empty directory.",
            )
        if any(part.startswith(("cluster=", "day=")) for part in self.directory.absolute().parts):
            raise StoreError(
                f"the path {self.directory} contains cluster= or day=, which readers would take for a partition",
                hint="Use --store with another directory.",
            )
        layout.check_writable(self.directory)
        disk.make_directory(self.staging)
        disk.make_directory(observations(self.directory))

    def _is_store(self) -> bool:
        return any(path(self.directory).exists() for path in (catalog_of, lock_of, staging))

    def _clean_up(self) -> None:
        """Delete what a killed writer left: staged files, files missing in the catalog, and sealed journal files."""
        self._empty_staging()
        self.delete_retired()
        current = self.catalog()
        listed = {file.path for file in current.files} | {file.path for file in current.retired}
        for path in segment_paths(self.directory):
            if path not in listed and is_segment(path):
                disk.remove(path)
        for directory in journal_directories(self.directory):
            for number, path in journal_files(directory).items():
                if number <= current.cluster(cluster_of(directory.name)).sealed:
                    disk.remove(path)

    def _empty_staging(self) -> None:
        disk.empty_directory(self.staging)
