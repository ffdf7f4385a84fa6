"""Compaction: merges the small files of a day into a few large ones with the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kevents.store.catalog import StoreFile
from kevents.store.rewrite import merge_plan
from kevents.store.rewrite.exchange import NO_CALLBACKS, Callbacks, Exchange, exchange, rewriting
from kevents.store.rewrite.merge import Merger
from kevents.store.rewrite.merge_plan import Merge
from kevents.store.segments.damage import Damage, damaged
from kevents.store.store import Store


@dataclass(frozen=True)
class CompactOptions:
    """What to compact. clusters: empty for all. by_hand: as much as is useful, including days that are not over."""

    clusters: Sequence[str] = ()
    by_hand: bool = False

    def selected(self, files: Iterable[StoreFile]) -> list[StoreFile]:
        """The files of the selected clusters."""
        return [file for file in files if not self.clusters or file.cluster in self.clusters]


@dataclass
class CompactResult:
    """What a compaction did.

    before, after: all selected files. merged, made: how many files were merged, into how many new ones. damaged: files
    that were skipped, because rewriting a damaged file would hide the damage.
    """

    before: list[StoreFile]
    after: list[StoreFile]
    merged: int = 0
    made: int = 0
    damaged: list[Damage] = field(default_factory=list)


def compact(store: Store, options: CompactOptions, now: datetime, callbacks: Callbacks = NO_CALLBACKS) -> CompactResult:
    """Merge everything that is due, day by day. Readers and writers continue. Finished merges survive a kill."""
    with rewriting(store, now, callbacks) as merger:
        result = CompactResult(options.selected(store.files()), [])
        compaction = _Compaction(store, merger, now, callbacks, result)
        while merges := merge_plan.due(compaction.intact_files(options), now, by_hand=options.by_hand):
            compaction.total_rows = compaction.done_rows + sum(merge.rows for merge in merges)
            for merge in merges:
                compaction.merge(merge)
        result.after = options.selected(store.files())
    return result


@dataclass
class _Compaction:
    store: Store
    merger: Merger
    now: datetime
    callbacks: Callbacks
    result: CompactResult
    done_rows: int = 0
    total_rows: int = 0

    def intact_files(self, options: CompactOptions) -> list[StoreFile]:
        damaged = {damage.file for damage in self.result.damaged}
        return [file for file in options.selected(self.store.files()) if file not in damaged]

    def merge(self, merge: Merge) -> None:
        """Merge the files. If one is damaged, do nothing: the next plan leaves it out."""
        self._report(merge)
        damages = damaged(merge.files)
        self.result.damaged += damages
        if not damages:
            new = self.merger.merge(merge.files, on_part=lambda rows: self._count(merge, rows))
            if exchange(self.store, Exchange(merge.files, new), self.now, self.callbacks):
                self.result.merged += len(merge.files)
                self.result.made += len(new)

    def _count(self, merge: Merge, rows: int) -> None:
        self.done_rows += rows
        self._report(merge)

    def _report(self, merge: Merge) -> None:
        self.callbacks.on_progress(f"{merge.cluster} {merge.day or 'no day'}", self.done_rows, self.total_rows)
