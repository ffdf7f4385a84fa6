"""Pruning: whole days go, the oldest first; of some, what is bad enough stays. Coverage tells it from then on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kevents.errors import UsageError
from kevents.maintenance.prune_plan import Cut, by_age, by_size
from kevents.maintenance.retention import Rules
from kevents.query import severity_sql
from kevents.store.rewrite.exchange import NO_CALLBACKS, Callbacks, Exchange, exchange, upkeep
from kevents.store.rewrite.merge import Merger
from kevents.store.segments.damage import Damage, damaged
from kevents.store.store import Store

if TYPE_CHECKING:
    from kevents.event.severity import Ratings
    from kevents.event.severity_table import Table
    from kevents.store.catalog import StoreFile


@dataclass
class Pruned:
    """What went, or would go. excess: the bytes by which the rest is larger than it may be.

    damaged: files that stay, for rewriting what is broken would hide that it is.
    """

    cuts: list[Cut] = field(default_factory=list)
    excess: int = 0
    damaged: list[Damage] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """What to prune. clusters: none for all; rated: what each reason means."""

    rules: Rules
    rated: Ratings
    clusters: Sequence[str] = ()

    def of(self, files: Iterable[StoreFile]) -> list[StoreFile]:
        """Those of the files that it is about: days that are over, and what has no day stays."""
        return [file for file in files if not self.clusters or file.cluster in self.clusters]


def order_of(rules: Rules, table: Table, clusters: Sequence[str] = ()) -> Order:
    """The order to prune by rules and ratings; a UsageError where severities decide and the user's cannot be read.

    What a mistake in the user's file leaves out may be just what was to stay.
    """
    if rules.keep and table.problems:
        raise UsageError(
            f"severities say what stays, but {table.problems[0]}", "Mend it; until then nothing is pruned."
        )
    return Order(rules, table.ratings, clusters)


def prune(store: Store, order: Order, now: datetime, told: Callbacks = NO_CALLBACKS) -> Pruned:
    """Delete what the rules do not keep; readers and writers go on meanwhile."""
    pruned = Pruned()
    with upkeep(store, now, told) as merger:
        severity_sql.define_severity(merger.connection, order.rated, now)
        pruning = _Pruning(store, merger, now, told, pruned)
        for cut in by_age(order.of(store.files()), order.rules, now):
            pruning.carry_out(cut)
        whole, pruned.excess = by_size(order.of(store.files()), order.rules, now)
        for cut in whole:
            pruning.carry_out(cut)
    return pruned


def would_prune(store: Store, order: Order, now: datetime) -> Pruned:
    """What `prune` would delete now; nothing is written. The bytes of days that stay in part are estimated."""
    snapshot = store.snapshot()
    left = dict.fromkeys(order.of(snapshot.files), 1.0)  # what share of each file stays
    pruned = Pruned()
    with _scratch() as merger:
        severity_sql.define_severity(merger.connection, order.rated, now)
        for cut in by_age(left, order.rules, now):
            broken = damaged(cut.files) if cut.kept else []
            whole = tuple(file for file in cut.files if file not in {one.file for one in broken})
            pruned.damaged += broken
            rows, size = sum(file.rows for file in whole), sum(file.bytes for file in whole)
            stays = merger.count(whole, severity_sql.at_least(cut.kept)) / max(rows, 1) if cut.kept and whole else 0.0
            left.update(dict.fromkeys(whole, stays))
            if stays < 1 and whole:
                gone = replace(
                    cut, files=whole, observations=round(rows * (1 - stays)), bytes=round(size * (1 - stays))
                )
                pruned.cuts.append(gone)
    kept = [replace(file, bytes=round(file.bytes * share)) for file, share in left.items() if share]
    by_its_size, pruned.excess = by_size(kept, order.rules, now)
    pruned.cuts += by_its_size
    return pruned


@dataclass
class _Pruning:
    store: Store
    merger: Merger
    now: datetime
    told: Callbacks
    pruned: Pruned

    def carry_out(self, cut: Cut) -> None:
        """Let go what is to go of a day; its days and files are told as they went."""
        old, new = list(cut.files), []
        if cut.kept:
            broken = damaged(old)
            self.pruned.damaged += broken
            old = [file for file in old if file not in {one.file for one in broken}]
            if not old:
                return
            new = [replace(file, least=cut.kept) for file in self.merger.merge(old, severity_sql.at_least(cut.kept))]
        gone = sum(file.rows for file in old) - sum(file.rows for file in new)
        covered = {cut.cluster: [cut.span]} if gone else {}
        if exchange(self.store, Exchange(old, new, covered), self.now, self.told) and gone:
            size = sum(file.bytes for file in old) - sum(file.bytes for file in new)
            self.pruned.cuts.append(replace(cut, files=tuple(old), observations=gone, bytes=size))


@contextmanager
def _scratch() -> Iterator[Merger]:
    with TemporaryDirectory(prefix="kevents-") as directory:
        merger = Merger(Path(directory))
        try:
            yield merger
        finally:
            merger.close()
