"""Compaction: small files of a day become few large ones, with the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kevents.store.catalog import StoreFile
from kevents.store.rewrite import merge_plan
from kevents.store.rewrite.exchange import NOBODY, Exchange, Told, exchange, upkeep
from kevents.store.rewrite.merge import Merger
from kevents.store.rewrite.merge_plan import Merge
from kevents.store.segments.damage import Damage, damaged
from kevents.store.store import Store


@dataclass(frozen=True)
class Wish:
    """What to compact. clusters: none for all; by_hand: days that go on as well, and as much as is worth it."""

    clusters: Sequence[str] = ()
    by_hand: bool = False

    def of(self, files: Iterable[StoreFile]) -> list[StoreFile]:
        """Those of the files that it is about."""
        return [file for file in files if not self.clusters or file.cluster in self.clusters]


@dataclass
class Outcome:
    """What a compaction did: so many files that were merged became so many that were made.

    before, after: all files of what it was about. damaged: those that it left alone, for rewriting a broken file would
    hide that it is.
    """

    before: list[StoreFile]
    after: list[StoreFile]
    merged: int = 0
    made: int = 0
    damaged: list[Damage] = field(default_factory=list)


def compact(store: Store, wish: Wish, now: datetime, told: Told = NOBODY) -> Outcome:
    """Merge all that is due, day by day; readers and writers go on meanwhile, and what is merged stays merged."""
    with upkeep(store, now, told) as merger:
        outcome = Outcome(wish.of(store.files()), [])
        work = _Work(store, merger, now, told, outcome)
        while merges := merge_plan.due(work.usable(wish), now, by_hand=wish.by_hand):
            work.all = work.done + sum(merge.rows for merge in merges)
            for merge in merges:
                work.merge(merge)
        outcome.after = wish.of(store.files())
    return outcome


@dataclass
class _Work:
    store: Store
    merger: Merger
    now: datetime
    told: Told
    outcome: Outcome
    done: int = 0  # rows
    all: int = 0

    def usable(self, wish: Wish) -> list[StoreFile]:
        broken = {damage.file for damage in self.outcome.damaged}
        return [file for file in wish.of(self.store.files()) if file not in broken]

    def merge(self, merge: Merge) -> None:
        """Merge, unless a file turns out to be damaged: then what is left is planned anew."""
        self.told.watch(merge, self.done, self.all)
        broken = damaged(merge.files)
        self.outcome.damaged += broken
        if not broken:
            new = self.merger.merge(merge.files, built=lambda rows: self._built(merge, rows))
            if exchange(self.store, Exchange(merge.files, new), self.now, self.told):
                self.outcome.merged += len(merge.files)
                self.outcome.made += len(new)

    def _built(self, merge: Merge, rows: int) -> None:
        self.done += rows
        self.told.watch(merge, self.done, self.all)
