"""Repair: what is broken is set aside, never deleted; what is whole stays; what was lost is said, and stays known.

A damaged Parquet file is set aside as a whole: nothing proves which of its row groups are still what was written.
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
from kevents.store.integrity.rebuild_catalog import Rebuilt, rebuild
from kevents.store.integrity.verify import Finding, Remedy, Verified, verify
from kevents.store.journal.files import journal_directory, numbered
from kevents.store.paths import catalog_of, lock_of
from kevents.store.quarantine import move_aside
from kevents.store.recording.seal import seal
from kevents.store.rewrite.exchange import Callbacks
from kevents.store.segments import file_checks
from kevents.store.store import Store


@dataclass
class Repaired:
    """findings: all that was wrong, and what became of it. has_copy: whether the catalog's copy told of clusters."""

    findings: list[Finding] = field(default_factory=list)
    was_rebuilt: bool = False
    has_copy: bool = False
    unproven: int = 0  # files whose checksum was made anew from what they hold now

    @property
    def lost(self) -> list[StoreFile]:
        """Files whose observations are gone from the store."""
        return [one.file for one in self.findings if one.file and one.remedy is Remedy.QUARANTINE]


def repair(store: Store, now: datetime, callbacks: Callbacks, *, dry_run: bool = False) -> Repaired:
    """Mend what verification finds. Recorders and readers go on meanwhile; other writers wait. dry_run: only say so."""
    done = Repaired()
    if dry_run:
        return _foreseen(store, done, callbacks)
    with _alone(store, callbacks.waiting):
        _mend_catalog(store, done)
    found = verify(store, partial(callbacks.watch, "verifying"))
    done.findings += found.findings
    with store.writing(callbacks.waiting):
        _set_aside(store, found)
        _correct_entries(store, found)
    for cluster in sorted({one.cluster for one in found.findings if one.remedy is Remedy.SEAL and one.cluster}):
        _seal(store, cluster, now, callbacks)
    return done


@contextmanager
def _alone(store: Store, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the store without sweeping it, for what no catalog lists may be all that there is."""
    with lock.rewriting(store.directory, waiting), lock.writing(store.directory, waiting):
        yield


def _foreseen(store: Store, done: Repaired, callbacks: Callbacks) -> Repaired:
    try:
        store.catalog()
    except CatalogDamagedError:
        _note(store, done, rebuild(store.directory))
    else:
        done.findings = verify(store, partial(callbacks.watch, "verifying")).findings
    return done


def _mend_catalog(store: Store, done: Repaired) -> None:
    with suppress(CatalogDamagedError):
        store.catalog()
        return
    made = rebuild(store.directory)
    _note(store, done, made)
    if catalog_of(store.directory).exists():
        move_aside(store.directory, catalog_of(store.directory))
    for path, _ in (*made.broken, *made.superseded):
        move_aside(store.directory, path)
    catalog.save(store.directory, made.catalog)


def _note(store: Store, done: Repaired, made: Rebuilt) -> None:
    name = catalog_of(store.directory).name
    done.was_rebuilt, done.has_copy, done.unproven = True, made.has_copy, len(made.unproven)
    done.findings.append(Finding(name, "is damaged or missing", Remedy.CATALOG))
    done.findings += [
        Finding(path.relative_to(store.directory).as_posix(), why, Remedy.QUARANTINE)
        for path, why in (*made.broken, *made.superseded)
    ]


def _set_aside(store: Store, found: Verified) -> None:
    """Move broken files into quarantine, and enter what was lost. Killed between the two, the files are missing."""
    lost = [one.file for one in found.findings if one.file and one.remedy is Remedy.QUARANTINE]
    before = store.catalog()
    lost = [file for file in lost if file in before.files]  # others were compacted or pruned meanwhile
    if not lost:
        return
    for file in lost:
        if file.path.exists():
            move_aside(store.directory, file.path)
    clusters = dict(before.clusters)
    for file in lost:
        clusters[file.cluster] = (clusters.get(file.cluster) or catalog.ClusterState()).covering(_gap(file))
    kept = tuple(file for file in before.files if file not in lost)
    catalog.save(store.directory, replace(before, files=kept, clusters=clusters))


def _gap(file: StoreFile) -> list[Span]:
    """What the coverage says from then on; files of absurd times have no place in it."""
    if not (file.day and file.min_last_seen and file.max_last_seen):
        return []
    end = file.max_last_seen + timedelta(microseconds=1)
    why = f"{file.rows:,} were in a file that was damaged on disk"
    return [Span(ALL, State.LOST, file.min_last_seen, end, why, detail=file.path.name)]


def _correct_entries(store: Store, found: Verified) -> None:
    wrong = {one.file for one in found.findings if one.file and one.remedy is Remedy.ENTRY}
    if not wrong:
        return
    connection = duck.connect()
    try:
        before = store.catalog()
        files = tuple(file_checks.measured(connection, file) if file in wrong else file for file in before.files)
    finally:
        connection.close()
    catalog.save(store.directory, Catalog(files, before.clusters, before.retired))


def _seal(store: Store, cluster: str, now: datetime, callbacks: Callbacks) -> None:
    """Let sealing leave the damaged lines out; a recorder that runs does so by itself within minutes."""
    directory = journal_directory(store.directory, cluster)
    files = numbered(directory)
    if lock.is_held(lock_of(directory)):
        callbacks.waiting(f"the recorder of {cluster} leaves the damaged lines out when it seals its journal")
    elif files:
        seal(store, cluster, max(files), now)
