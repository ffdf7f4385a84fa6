"""Compaction: small files of a day become few large ones, with the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kevents.store.catalog import StoreFile
from kevents.store.rewrite import merge_plan
from kevents.store.rewrite.exchange import NO_CALLBACKS, Callbacks, Exchange, exchange, upkeep
from kevents.store.rewrite.merge import Merger
from kevents.store.rewrite.merge_plan import Merge
from kevents.store.segments.damage import Damage, damaged
from kevents.store.store import Store


@dataclass(frozen=True)
class CompactOptions:
    """What to compact. clusters: none for all; by_hand: days that go on as well, and as much as is worth it."""

    clusters: Sequence[str] = ()
    by_hand: bool = False

    def of(self, files: Iterable[StoreFile]) -> list[StoreFile]:
        """Those of the files that it is about."""
        return [file for file in files if not self.clusters or file.cluster in self.clusters]


@dataclass
class CompactResult:
    """What a compaction did: so many files that were merged became so many that were made.

    before, after: all files of what it was about. damaged: those that it left alone, for rewriting a broken file would
    hide that it is.
    """

    before: list[StoreFile]
    after: list[StoreFile]
    merged: int = 0
    made: int = 0
    damaged: list[Damage] = field(default_factory=list)


def compact(store: Store, options: CompactOptions, now: datetime, callbacks: Callbacks = NO_CALLBACKS) -> CompactResult:
    """Merge all that is due, day by day; readers and writers go on meanwhile, and what is merged stays merged."""
    with upkeep(store, now, callbacks) as merger:
        result = CompactResult(options.of(store.files()), [])
        work = _Work(store, merger, now, callbacks, result)
        while merges := merge_plan.due(work.usable(options), now, by_hand=options.by_hand):
            work.all = work.done + sum(merge.rows for merge in merges)
            for merge in merges:
                work.merge(merge)
        result.after = options.of(store.files())
    return result


@dataclass
class _Work:
    store: Store
    merger: Merger
    now: datetime
    callbacks: Callbacks
    result: CompactResult
    done: int = 0  # rows
    all: int = 0

    def usable(self, options: CompactOptions) -> list[StoreFile]:
        broken = {damage.file for damage in self.result.damaged}
        return [file for file in options.of(self.store.files()) if file not in broken]

    def merge(self, merge: Merge) -> None:
        """Merge, unless a file turns out to be damaged: then what is left is planned anew."""
        self._report(merge)
        broken = damaged(merge.files)
        self.result.damaged += broken
        if not broken:
            new = self.merger.merge(merge.files, built=lambda rows: self._built(merge, rows))
            if exchange(self.store, Exchange(merge.files, new), self.now, self.callbacks):
                self.result.merged += len(merge.files)
                self.result.made += len(new)

    def _built(self, merge: Merge, rows: int) -> None:
        self.done += rows
        self._report(merge)

    def _report(self, merge: Merge) -> None:
        self.callbacks.watch(f"{merge.cluster} {merge.day or 'no day'}", self.done, self.all)
