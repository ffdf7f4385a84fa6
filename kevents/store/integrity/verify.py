"""Verification: everything that the store holds, held against checksums, against the catalog and against its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from kevents import duck
from kevents.errors import StoreError
from kevents.store import catalog, disk, lock
from kevents.store.catalog import CatalogDamagedError, StoreFile
from kevents.store.coverage import Span
from kevents.store.journal.checksums import taken
from kevents.store.journal.part import JournalPart
from kevents.store.paths import catalog_before, catalog_of, is_segment, lock_of, observations, segment_paths
from kevents.store.segments import file_checks
from kevents.store.segments.damage import damaged
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store

Watch = Callable[[int, int], None]  # bytes looked at, and to be looked at, in all


class Remedy(StrEnum):
    """What a repair does about a finding."""

    CATALOG = "catalog"  # makes it anew
    QUARANTINE = "quarantine"  # sets the file aside: its observations are lost
    ENTRY = "entry"  # corrects what the catalog says of the file, which is whole
    SEAL = "seal"  # seals the journal without its damaged lines
    OUTSIDE = "outside"  # nothing: the system does not let the file be read
    NONE = "none"  # nothing: no answer is wrong for it


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. place: a path in the store. file: the catalog's entry, if it has one."""

    place: str
    what: str
    remedy: Remedy
    cluster: str | None = None
    file: StoreFile | None = None
    rows: int | None = None
    span: tuple[datetime, datetime] | None = None  # of what was lost

    @property
    def is_damage(self) -> bool:
        """Whether answers are wrong or incomplete for it."""
        return self.remedy is not Remedy.NONE


@dataclass(frozen=True)
class Verified:
    """files: all that the catalog lists."""

    findings: list[Finding]
    files: tuple[StoreFile, ...] = ()

    @property
    def damage(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_damage]


def verify(store: Store, watch: Watch = lambda *_: None) -> Verified:
    """Look at every byte of the store. Others may read, import, record and compact meanwhile."""
    try:
        snapshot = store.snapshot()  # as long as it is held, no file that it names is removed
    except CatalogDamagedError as error:
        told = str(error).removeprefix(f"{catalog_of(store.directory)} ")
        return Verified([Finding(catalog_of(store.directory).name, told, Remedy.CATALOG)])
    files = tuple(snapshot.files)
    check = _Check(store, files, watch)
    return Verified([*check.files(), *_journal(snapshot), *_copy(store), *_strays(store, snapshot)], files)


class _Check:
    def __init__(self, store: Store, files: tuple[StoreFile, ...], watch: Watch) -> None:
        self._store = store
        self._files = files
        self._watch = watch
        self._done = 0
        self._all = 2 * sum(file.bytes for file in files)  # summed first, then read

    def files(self) -> Iterator[Finding]:
        """What is wrong with the files that the catalog lists."""
        gone = set()
        for one in damaged(self._files, self._seen):
            gone.add(one.file)
            remedy = Remedy.QUARANTINE if one.is_lost else Remedy.OUTSIDE
            yield self._finding(one.file, one.finding, remedy)
        connection = duck.connect(memory="1GB")
        connection.execute("SET threads = 2")
        try:
            for file in self._files:
                if file not in gone and (found := self._content(connection, file)):
                    yield self._finding(file, *found)
                self._seen(file)
        finally:
            connection.close()

    def _content(self, connection: duck.Connection, file: StoreFile) -> tuple[str, Remedy] | None:
        try:
            if why := file_checks.misfit(connection, file):
                return why, Remedy.QUARANTINE
            if file_checks.measured(connection, file) != file:
                return "has other rows or times than the catalog says", Remedy.ENTRY
            if not file_checks.is_sorted(connection, file):
                return "is not in its order, which is slower to read", Remedy.NONE
        except (duck.Error, UnicodeDecodeError) as error:
            return f"cannot be read as Parquet: {str(error).splitlines()[0]}", Remedy.QUARANTINE
        return None

    def _seen(self, file: StoreFile) -> None:
        self._done += file.bytes
        self._watch(self._done, self._all)

    def _finding(self, file: StoreFile, what: str, remedy: Remedy) -> Finding:
        first, last = file.min_last_seen, file.max_last_seen
        span = (first, last) if file.day and first and last else None
        return Finding(_place(self._store, file.path), what, remedy, file.cluster, file, file.rows, span)


def _journal(snapshot: Snapshot) -> Iterator[Finding]:
    """Lines that are not what a recorder wrote, and files that others speak of and that are gone or too short."""
    newest = {part.cluster: part.number for part in snapshot.journal_files}
    for part in snapshot.journal_files:
        if part.lacks:
            place, _, what = part.lacks.partition(" ")
            yield Finding(place, what, Remedy.SEAL, part.cluster)
        if found := _of_journal(part, is_last=part.number == newest[part.cluster]):
            yield replace(found, place=part.name)


def _of_journal(part: JournalPart, *, is_last: bool) -> Finding | None:
    found = taken(part.raw())
    if found.damage:
        what = f"{found.lost:,} lines are not what was written"
        return Finding("", what, Remedy.SEAL, part.cluster, rows=found.lost, span=_around(found.spans))
    if found.torn and not is_last:  # a recorder that goes on in a new file cuts the one before
        return Finding("", "its last line is torn", Remedy.SEAL, part.cluster, rows=1)
    if found.torn and not lock.is_held(lock_of(part.path.parent)):
        what = "its last line is torn: a recorder was killed there, and never said that it had this line"
        return Finding("", what, Remedy.NONE, part.cluster, rows=1)
    return None


def _around(spans: Sequence[Span]) -> tuple[datetime, datetime] | None:
    return (min(span.start for span in spans), max(span.end for span in spans)) if spans else None


def _copy(store: Store) -> Iterator[Finding]:
    """The catalog before the last change, which only a repair would ask for."""
    copy = catalog_before(store.directory)
    try:
        catalog.parsed(store.directory, disk.read(copy))
    except (StoreError, OSError) as error:
        if not isinstance(error, FileNotFoundError):
            yield Finding(copy.name, "is damaged; the next change of the store replaces it", Remedy.NONE)


def _strays(store: Store, snapshot: Snapshot) -> Iterator[Finding]:
    """Files that nothing lists, unless a writer is at work, who moves files before they are listed."""
    if lock.is_held(lock_of(store.directory)):
        return
    now = store.catalog()
    listed = {file.path for file in (*snapshot.files, *now.files)} | {one.path for one in now.retired}
    segments = {path for path in segment_paths(store.directory) if is_segment(path)}
    for path in sorted(disk.listed(observations(store.directory), "**/*")):
        if path.is_dir() or path in listed:
            continue
        left = "is in no catalog: a writer was killed, and the next one removes it"
        yield Finding(
            _place(store, path), left if path in segments else "is no file of kevents, and is not read", Remedy.NONE
        )


def _place(store: Store, path: Path) -> str:
    return path.relative_to(store.directory).as_posix()
