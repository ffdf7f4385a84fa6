"""Verification: checks every file of the store against its checksum, the catalog and the rules of the store."""

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
from kevents.store.journal.checksums import parse
from kevents.store.journal.part import JournalPart
from kevents.store.paths import catalog_backup, catalog_of, is_segment, lock_of, observations, segment_paths
from kevents.store.segments import file_checks
from kevents.store.segments.damage import damaged
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store

OnProgress = Callable[[int, int], None]  # bytes checked, and the total


class Remedy(StrEnum):
    """What a repair does about a finding."""

    CATALOG = "catalog"  # rebuilds the catalog
    QUARANTINE = "quarantine"  # moves the file to quarantine: its observations are lost
    ENTRY = "entry"  # corrects the catalog entry of an intact file
    SEAL = "seal"  # seals the journal without its damaged lines
    OUTSIDE = "outside"  # nothing: the system does not allow reading the file
    NONE = "none"  # nothing: the problem is harmless


@dataclass(frozen=True)
class Finding:
    """A problem. path: relative to the store. file: the catalog entry, if there is one. span: the time of the loss."""

    path: str
    problem: str
    remedy: Remedy
    cluster: str | None = None
    file: StoreFile | None = None
    rows: int | None = None
    span: tuple[datetime, datetime] | None = None

    @property
    def is_damage(self) -> bool:
        """Whether results can be wrong or incomplete because of it."""
        return self.remedy is not Remedy.NONE


@dataclass(frozen=True)
class VerifyResult:
    """What verification found. files: all files that the catalog lists."""

    findings: list[Finding]
    files: tuple[StoreFile, ...] = ()

    @property
    def damage(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_damage]


def verify(store: Store, on_progress: OnProgress = lambda *_: None) -> VerifyResult:
    """Check every file of the store. Other processes can read, import, record and compact meanwhile."""
    try:
        snapshot = store.snapshot()  # as long as it exists, no file that it lists is deleted
    except CatalogDamagedError as error:
        problem = str(error).removeprefix(f"{catalog_of(store.directory)} ")
        return VerifyResult([Finding(catalog_of(store.directory).name, problem, Remedy.CATALOG)])
    files = tuple(snapshot.files)
    check = _SegmentCheck(store, files, on_progress)
    findings = [*check.findings(), *_check_journal(snapshot), *_check_backup(store), *_check_strays(store, snapshot)]
    return VerifyResult(findings, files)


class _SegmentCheck:
    def __init__(self, store: Store, files: tuple[StoreFile, ...], on_progress: OnProgress) -> None:
        self._store = store
        self._files = files
        self._on_progress = on_progress
        self._done = 0
        self._total = 2 * sum(file.bytes for file in files)  # each file is read twice: for the checksum, then by DuckDB

    def findings(self) -> Iterator[Finding]:
        """The problems of the files that the catalog lists."""
        damaged_files = set()
        for damage in damaged(self._files, self._count):
            damaged_files.add(damage.file)
            remedy = Remedy.QUARANTINE if damage.is_lost else Remedy.OUTSIDE
            yield self._finding(damage.file, damage.finding, remedy)
        connection = duck.connect(memory="1GB")
        connection.execute("SET threads = 2")
        try:
            for file in self._files:
                if file not in damaged_files and (problem := self._content_problem(connection, file)):
                    yield self._finding(file, *problem)
                self._count(file)
        finally:
            connection.close()

    def _content_problem(self, connection: duck.Connection, file: StoreFile) -> tuple[str, Remedy] | None:
        try:
            if problem := file_checks.mismatch(connection, file):
                return problem, Remedy.QUARANTINE
            if file_checks.remeasured(connection, file) != file:
                return "has other rows or times than its catalog entry", Remedy.ENTRY
            if not file_checks.is_sorted(connection, file):
                return "is not sorted, which makes reading slower", Remedy.NONE
        except (duck.Error, UnicodeDecodeError) as error:
            return f"cannot be read as Parquet: {str(error).splitlines()[0]}", Remedy.QUARANTINE
        return None

    def _count(self, file: StoreFile) -> None:
        self._done += file.bytes
        self._on_progress(self._done, self._total)

    def _finding(self, file: StoreFile, problem: str, remedy: Remedy) -> Finding:
        first, last = file.min_last_seen, file.max_last_seen
        span = (first, last) if file.day and first and last else None
        return Finding(_relative(self._store, file.path), problem, remedy, file.cluster, file, file.rows, span)


def _check_journal(snapshot: Snapshot) -> Iterator[Finding]:
    """Damaged lines, and files that are missing or too short according to the next file."""
    newest = {part.cluster: part.number for part in snapshot.journal_files}
    for part in snapshot.journal_files:
        if part.previous_file_damage:
            path, _, problem = part.previous_file_damage.partition(" ")
            yield Finding(path, problem, Remedy.SEAL, part.cluster)
        if finding := _check_journal_file(part, is_newest=part.number == newest[part.cluster]):
            yield replace(finding, path=part.name)


def _check_journal_file(part: JournalPart, *, is_newest: bool) -> Finding | None:
    if part.kind:
        return Finding("", f"is {part.kind}, not a regular file", Remedy.SEAL, part.cluster)
    content = parse(part.raw())
    if content.damaged:
        problem = f"{content.lost:,} lines are damaged"
        return Finding("", problem, Remedy.SEAL, part.cluster, rows=content.lost, span=_range(content.lost_spans))
    if content.torn and not is_newest:  # a recorder cuts off an incomplete line before it opens the next file
        return Finding("", "the last line is incomplete", Remedy.SEAL, part.cluster, rows=1)
    if content.torn and not lock.is_held(lock_of(part.path.parent)):
        problem = "the last line is incomplete: a recorder was killed before it acknowledged this line"
        return Finding("", problem, Remedy.NONE, part.cluster, rows=1)
    return None


def _range(spans: Sequence[Span]) -> tuple[datetime, datetime] | None:
    return (min(span.start for span in spans), max(span.end for span in spans)) if spans else None


def _check_backup(store: Store) -> Iterator[Finding]:
    """Damage of the backup of the catalog, which only a repair reads."""
    backup = catalog_backup(store.directory)
    try:
        catalog.parse(store.directory, disk.read(backup))
    except (StoreError, OSError) as error:
        if not isinstance(error, FileNotFoundError):
            yield Finding(backup.name, "is damaged; the next change of the store replaces it", Remedy.NONE)


def _check_strays(store: Store, snapshot: Snapshot) -> Iterator[Finding]:
    """Files that are not in the catalog, unless a writer is active: it moves files before it adds them there."""
    if lock.is_held(lock_of(store.directory)):
        return
    current = store.catalog()
    listed = {file.path for file in (*snapshot.files, *current.files)} | {file.path for file in current.retired}
    segments = {path for path in segment_paths(store.directory) if is_segment(path)}
    for path in sorted(disk.list_paths(observations(store.directory), "**/*")):
        if path.is_dir() or path in listed:
            continue
        if path in segments:
            problem = "is not in the catalog: a writer was killed, and the next one deletes this file"
        else:
            problem = "is not a kevents file, and is ignored"
        yield Finding(_relative(store, path), problem, Remedy.NONE)


def _relative(store: Store, path: Path) -> str:
    return path.relative_to(store.directory).as_posix()
