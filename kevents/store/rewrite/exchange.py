"""Exchanges files of the store for new ones, as compaction and pruning do.

New files are built while others read and write, because the old files never change. Only the exchange itself holds the
write lock. It is a single rename of the catalog: a reader has the catalog from before or after it, and finds every file
that is listed there, because old files stay until no reader can need them (Store.delete_retired).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kevents import duck
from kevents.errors import StoreError
from kevents.store import disk, lock
from kevents.store.catalog import StoreFile
from kevents.store.coverage import Span
from kevents.store.free_space import write_failure
from kevents.store.rewrite.merge import Merger
from kevents.store.store import Store


class RewriteStep(StrEnum):
    """The steps at which tests kill compaction and pruning, in order."""

    ALONE = "alone"  # the lock of compaction and pruning is held
    BUILT = "built"  # the new files are written, but not visible
    HELD = "held"  # the write lock is held
    MOVED = "moved"  # the new files are in their directories, but not in the catalog
    EXCHANGED = "exchanged"  # the catalog lists the new files; the old ones are still on disk
    RELEASED = "released"  # the old files are deleted, unless a reader needs them


OnRewriteStep = Callable[[RewriteStep], None]


OnProgress = Callable[[str, int, int], None]  # what is being done, how much is done, and the total


@dataclass(frozen=True)
class Callbacks:
    """Functions to call. on_wait: with a message if another process must finish first. on_step: for tests."""

    on_wait: Callable[[str], None] = lambda _: None
    on_progress: OnProgress = lambda *_: None
    on_step: OnRewriteStep = lambda _: None


NO_CALLBACKS = Callbacks()


@contextmanager
def rewriting(store: Store, now: datetime, callbacks: Callbacks = NO_CALLBACKS) -> Iterator[Merger]:
    """Hold the lock of compaction and pruning, with a merger whose directory is emptied before and after."""
    try:
        store.create()
    except OSError as error:
        raise lock.not_writable(store.directory, error) from error
    with lock.rewriting(store.directory, callbacks.on_wait):
        with store.writing(callbacks.on_wait):  # cleans up after a killed process
            store.delete_retired(now)
        disk.empty_directory(store.rewrite_staging)
        callbacks.on_step(RewriteStep.ALONE)
        merger = Merger(store.rewrite_staging)
        try:
            yield merger
        except (duck.Error, OSError) as error:
            raise StoreError(
                f"cannot rewrite files of the store {store.directory}: {write_failure(error, store.rewrite_staging)}",
                hint="Nothing is lost: the stored data is unchanged.",
            ) from error
        finally:
            merger.close()
            disk.remove_tree(store.rewrite_staging)


@dataclass(frozen=True)
class Exchange:
    """A change of files. new: files in the staging directory. coverage: additional spans by cluster."""

    old: Sequence[StoreFile]
    new: Sequence[StoreFile] = ()
    coverage: Mapping[str, Iterable[Span]] = field(default_factory=dict)


def exchange(store: Store, change: Exchange, now: datetime, callbacks: Callbacks = NO_CALLBACKS) -> bool:
    """Replace the old files with the new ones. False if an old file is no longer in the store."""
    callbacks.on_step(RewriteStep.BUILT)
    with store.writing(callbacks.on_wait):
        callbacks.on_step(RewriteStep.HELD)
        before = store.catalog()
        if not set(change.old) <= set(before.files):  # a repair removed one
            return False
        moved = store.move(list(change.new), store.rewrite_staging)
        callbacks.on_step(RewriteStep.MOVED)
        states = {cluster: before.cluster(cluster).with_coverage(spans) for cluster, spans in change.coverage.items()}
        store.exchange(change.old, moved, states, now)
        callbacks.on_step(RewriteStep.EXCHANGED)
        store.delete_retired(now)
        callbacks.on_step(RewriteStep.RELEASED)
    return True
