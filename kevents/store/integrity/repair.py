"""Repair: moves damaged files to quarantine, keeps everything else, and records in the coverage what was lost.

A damaged Parquet file is quarantined completely, because nothing proves which of its row groups are intact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from kevents import duck
from kevents.store import catalog, lock
from kevents.store.catalog import Catalog, CatalogDamagedError, StoreFile
from kevents.store.coverage import ALL, Span, State
from kevents.store.integrity.rebuild_catalog import RebuildResult, rebuild
from kevents.store.integrity.verify import Finding, Remedy, VerifyResult, verify
from kevents.store.journal.files import journal_directory, journal_files
from kevents.store.paths import catalog_of, lock_of
from kevents.store.quarantine import move_to_quarantine
from kevents.store.recording.seal import seal
from kevents.store.rewrite.exchange import Callbacks
from kevents.store.segments import file_checks
from kevents.store.store import Store


@dataclass
class RepairResult:
    """What a repair found and did.

    has_backup: whether the catalog was rebuilt with the help of its backup. unverified: the number of files whose
    checksum was computed from their current content.
    """

    findings: list[Finding] = field(default_factory=list)
    was_rebuilt: bool = False
    has_backup: bool = False
    unverified: int = 0

    @property
    def lost(self) -> list[StoreFile]:
        """The files whose observations are no longer in the store."""
        return [finding.file for finding in self.findings if finding.file and finding.remedy is Remedy.QUARANTINE]


def repair(store: Store, now: datetime, callbacks: Callbacks, *, dry_run: bool = False) -> RepairResult:
    """Fix what verification finds. Recorders and readers continue; other writers wait. dry_run: only report."""
    result = RepairResult()
    on_progress = partial(callbacks.on_progress, "verifying")
    if dry_run:
        try:
            store.catalog()
        except CatalogDamagedError:
            _report_rebuild(store, result, rebuild(store.directory))
        else:
            result.findings = verify(store, on_progress).findings
        return result
    with _locked(store, callbacks.on_wait):
        _repair_catalog(store, result)
    verified = verify(store, on_progress)
    result.findings += verified.findings
    with store.writing(callbacks.on_wait):
        _quarantine_files(store, verified)
        _correct_entries(store, verified)
    clusters = {finding.cluster for finding in verified.findings if finding.remedy is Remedy.SEAL and finding.cluster}
    for cluster in sorted(clusters):
        _seal(store, cluster, now, callbacks)
    return result


@contextmanager
def _locked(store: Store, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold both locks without cleaning up: without a catalog, files that it does not list may be all there is."""
    with lock.rewriting(store.directory, on_wait), lock.writing(store.directory, on_wait):
        yield


def _repair_catalog(store: Store, result: RepairResult) -> None:
    with suppress(CatalogDamagedError):
        store.catalog()
        return
    rebuilt = rebuild(store.directory)
    _report_rebuild(store, result, rebuilt)
    if catalog_of(store.directory).exists():
        move_to_quarantine(store.directory, catalog_of(store.directory))
    for path, _ in (*rebuilt.unreadable, *rebuilt.duplicates):
        move_to_quarantine(store.directory, path)
    catalog.save(store.directory, rebuilt.catalog)


def _report_rebuild(store: Store, result: RepairResult, rebuilt: RebuildResult) -> None:
    name = catalog_of(store.directory).name
    result.was_rebuilt, result.has_backup, result.unverified = True, rebuilt.has_backup, len(rebuilt.unverified)
    result.findings.append(Finding(name, "is damaged or missing", Remedy.CATALOG))
    result.findings += [
        Finding(path.relative_to(store.directory).as_posix(), problem, Remedy.QUARANTINE)
        for path, problem in (*rebuilt.unreadable, *rebuilt.duplicates)
    ]


def _quarantine_files(store: Store, verified: VerifyResult) -> None:
    """Quarantine damaged files and record the loss. After a kill in between, verification finds the files missing."""
    damaged = [finding.file for finding in verified.findings if finding.file and finding.remedy is Remedy.QUARANTINE]
    before = store.catalog()
    lost = [file for file in damaged if file in before.files]  # others were compacted or pruned meanwhile
    if not lost:
        return
    for file in lost:
        if file.path.exists():
            move_to_quarantine(store.directory, file.path)
    clusters = dict(before.clusters)
    for file in lost:
        clusters[file.cluster] = (clusters.get(file.cluster) or catalog.ClusterState()).with_coverage(_lost_spans(file))
    kept = tuple(file for file in before.files if file not in lost)
    catalog.save(store.directory, replace(before, files=kept, clusters=clusters))


def _lost_spans(file: StoreFile) -> list[Span]:
    """The coverage of a lost file; none for a file with times out of range."""
    if not (file.day and file.min_last_seen and file.max_last_seen):
        return []
    end = file.max_last_seen + timedelta(microseconds=1)
    cause = f"{file.rows:,} were in a file that was damaged on disk"
    return [Span(ALL, State.LOST, file.min_last_seen, end, cause, detail=file.path.name)]


def _correct_entries(store: Store, verified: VerifyResult) -> None:
    wrong = {finding.file for finding in verified.findings if finding.file and finding.remedy is Remedy.ENTRY}
    if not wrong:
        return
    connection = duck.connect()
    try:
        before = store.catalog()
        files = tuple(file_checks.remeasured(connection, file) if file in wrong else file for file in before.files)
    finally:
        connection.close()
    catalog.save(store.directory, Catalog(files, before.clusters, before.retired))


def _seal(store: Store, cluster: str, now: datetime, callbacks: Callbacks) -> None:
    """Seal the journal, which drops its damaged lines. A running recorder does so itself within minutes."""
    directory = journal_directory(store.directory, cluster)
    files = journal_files(directory)
    if lock.is_held(lock_of(directory)):
        callbacks.on_wait(f"the recorder of {cluster} drops the damaged lines when it seals its journal")
    elif files:
        seal(store, cluster, max(files), now)
