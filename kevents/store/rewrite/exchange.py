"""Putting files in the place of others, as compaction and pruning do.

They are built while everybody else reads and writes: what they are built from cannot change. Then the store is held
for a moment. One rename of the catalog is the exchange: a reader has read it before or after, and finds every file that
it names, for those that it names no more stay until nobody can be about to open them (Store.release).
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
from kevents.store.free_space import cause
from kevents.store.rewrite.merge import Merger
from kevents.store.store import Store


class Step(StrEnum):
    """Where upkeep can be killed, in order."""

    ALONE = "alone"  # no other upkeep runs
    BUILT = "built"  # the new files are written, and nobody sees them
    HELD = "held"  # no writer writes
    MOVED = "moved"  # the new files are in their places, and not in the catalog
    EXCHANGED = "exchanged"  # they are in the catalog, and the old ones are not; both are on disk
    RELEASED = "released"  # the old ones are gone, unless somebody reads


Reached = Callable[[Step], None]


Watch = Callable[[str, int, int], None]  # what is being done; how much of it is done, and how much there is


@dataclass(frozen=True)
class Callbacks:
    """waiting: takes a sentence when another process must finish first. watch: progress. reached: steps, for tests."""

    waiting: Callable[[str], None] = lambda _: None
    watch: Watch = lambda *_: None
    reached: Reached = lambda _: None


NO_CALLBACKS = Callbacks()


@contextmanager
def upkeep(store: Store, now: datetime, callbacks: Callbacks = NO_CALLBACKS) -> Iterator[Merger]:
    """Be the one who replaces files, with a merger whose directory is emptied before and after."""
    store.make()
    with lock.rewriting(store.directory, callbacks.waiting):
        with store.writing(callbacks.waiting):  # which sweeps what a killed one left
            store.release(now)
        disk.empty(store.upkeep)
        callbacks.reached(Step.ALONE)
        merger = Merger(store.upkeep)
        try:
            yield merger
        except (duck.Error, OSError) as error:
            raise StoreError(
                f"the files of the store {store.directory} cannot be rewritten: {cause(error, store.upkeep)}",
                hint="Nothing is lost: what was stored is as it was.",
            ) from error
        finally:
            merger.close()
            disk.remove_all(store.upkeep)


@dataclass(frozen=True)
class Exchange:
    """Old files, and new ones in the upkeep directory. covered: what more is now known of the coverage of clusters."""

    old: Sequence[StoreFile]
    new: Sequence[StoreFile] = ()
    covered: Mapping[str, Iterable[Span]] = field(default_factory=dict)


def exchange(store: Store, wanted: Exchange, now: datetime, callbacks: Callbacks = NO_CALLBACKS) -> bool:
    """Put the new files in the place of the old ones; False if one of those is no longer in the store."""
    callbacks.reached(Step.BUILT)
    with store.writing(callbacks.waiting):
        callbacks.reached(Step.HELD)
        before = store.catalog()
        if not set(wanted.old) <= set(before.files):  # a repair took it away
            return False
        moved = store.move(list(wanted.new), store.upkeep)
        callbacks.reached(Step.MOVED)
        known = {cluster: before.of(cluster).covering(spans) for cluster, spans in wanted.covered.items()}
        store.exchange(wanted.old, moved, known, now)
        callbacks.reached(Step.EXCHANGED)
        store.release(now)
        callbacks.reached(Step.RELEASED)
    return True
