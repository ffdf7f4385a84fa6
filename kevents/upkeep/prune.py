"""Pruning: whole days go, the oldest first; of some, what is bad enough stays. Coverage tells it from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kevents.event.severity import SEVERITIES
from kevents.query import severity
from kevents.store import coverage
from kevents.store.coverage import Span, State
from kevents.store.damage import damaged
from kevents.store.merging import Merger
from kevents.store.store import Store
from kevents.store.upkeep import Exchange, Reached, exchange, nothing, upkeep
from kevents.upkeep.rules import ALL, NOTHING, Rules

if TYPE_CHECKING:
    from kevents.event.severity import Ratings
    from kevents.store.catalog import StoreFile


@dataclass(frozen=True)
class Cut:
    """What goes of a cluster's day. kept: the lowest severity that stays, NOTHING where all goes."""

    cluster: str
    day: date
    kept: str
    files: tuple[StoreFile, ...]  # that are replaced
    observations: int = 0
    bytes: int = 0

    @property
    def span(self) -> Span:
        """What coverage tells of it."""
        start = datetime.combine(self.day, time(), UTC)
        cause = f"below {self.kept}" if self.kept else None
        return Span(coverage.ALL, State.PRUNED, start, start + timedelta(days=1), cause)


@dataclass
class Pruned:
    """What went, or would go. excess: the bytes by which the rest is larger than it may be."""

    cuts: list[Cut] = field(default_factory=list)
    excess: int = 0


@dataclass(frozen=True)
class Order:
    """What to prune. clusters: none for all; rated: what each reason means."""

    rules: Rules
    rated: Ratings
    clusters: Sequence[str] = ()

    def of(self, files: Iterable[StoreFile]) -> list[StoreFile]:
        """Those of the files that it is about: days that are over, and what has no day stays."""
        return [file for file in files if not self.clusters or file.cluster in self.clusters]


def prune(
    store: Store, order: Order, now: datetime, waiting: Callable[[str], None] = nothing, reached: Reached = nothing
) -> Pruned:
    """Delete what the rules do not keep; readers and writers go on meanwhile."""
    pruned = Pruned()
    with upkeep(store, now, waiting, reached) as merger:
        severity.define(merger.connection, order.rated, now)
        for cut in by_age(order.of(store.files()), order.rules, now):
            pruned.cuts += _carried_out(store, merger, cut, now, reached)
        left = order.of(store.files())
        whole, pruned.excess = by_size(left, order.rules, now)
        for cut in whole:
            pruned.cuts += _carried_out(store, merger, cut, now, reached)
    return pruned


def would_prune(store: Store, order: Order, now: datetime) -> Pruned:
    """What `prune` would delete now; nothing is written. The bytes of days that stay in part are estimated."""
    snapshot = store.snapshot()
    files = order.of(snapshot.files)
    pruned = Pruned()
    with _scratch() as merger:
        severity.define(merger.connection, order.rated, now)
        for cut in by_age(files, order.rules, now):
            rows = sum(file.rows for file in cut.files)
            gone = rows - (merger.count(cut.files, severity.at_least(cut.kept)) if cut.kept else 0)
            size = sum(file.bytes for file in cut.files)
            pruned.cuts.append(replace(cut, observations=gone, bytes=size * gone // max(rows, 1)))
    left = [file for file in files if not any(file in cut.files and not cut.kept for cut in pruned.cuts)]
    whole, pruned.excess = by_size(left, order.rules, now)
    pruned.cuts += whole
    return pruned


def by_age(files: Iterable[StoreFile], rules: Rules, now: datetime) -> list[Cut]:
    """What is older than the rules keep, the oldest first. What was cut before in the same way is not cut again."""
    cuts = []
    for (day, cluster), of_day in _days(files, now):
        least = rules.least(day, now)
        if least == ALL:
            continue
        chosen = tuple(file for file in of_day if not least or not _holds_only(file, least))
        if chosen:
            cuts.append(_whole(cluster, day, chosen) if not least else Cut(cluster, day, least, chosen))
    return cuts


def by_size(files: Sequence[StoreFile], rules: Rules, now: datetime) -> tuple[list[Cut], int]:
    """The oldest days that have to go, and by how much the rest is still too large: today stays, whatever it takes."""
    if rules.max_size is None:
        return [], 0
    excess = sum(file.bytes for file in files) - rules.max_size
    cuts = []
    for (day, cluster), of_day in _days(files, now):
        if excess <= 0:
            break
        cuts.append(_whole(cluster, day, tuple(of_day)))
        excess -= cuts[-1].bytes
    return cuts, max(excess, 0)


def _days(files: Iterable[StoreFile], now: datetime) -> Iterator[tuple[tuple[date, str], list[StoreFile]]]:
    """The files of each day that is over and cluster, the oldest first; those without a day are of no age."""
    over = [(file.day, file.cluster, file) for file in files if file.day and file.day < now.date()]
    ordered = sorted(over, key=lambda one: one[:2])
    for key, group in groupby(ordered, key=lambda one: one[:2]):
        yield key, [file for _, _, file in group]


def _whole(cluster: str, day: date, files: tuple[StoreFile, ...]) -> Cut:
    return Cut(cluster, day, NOTHING, files, sum(f.rows for f in files), sum(f.bytes for f in files))


def _holds_only(file: StoreFile, least: str) -> bool:
    """Whether the file was left with nothing below that severity."""
    return file.least is not None and SEVERITIES.index(file.least) <= SEVERITIES.index(least)


def _carried_out(store: Store, merger: Merger, cut: Cut, now: datetime, reached: Reached) -> list[Cut]:
    """The cut with what went, if anything did. A damaged file is not rewritten: that would hide that it is."""
    old, new = list(cut.files), []
    if cut.kept:
        broken = {damage.file for damage in damaged(old)}
        old = [file for file in old if file not in broken]
        if not old:
            return []
        new = [replace(file, least=cut.kept) for file in merger.merge(old, severity.at_least(cut.kept))]
    gone = sum(file.rows for file in old) - sum(file.rows for file in new)
    told = {cut.cluster: [cut.span]} if gone else {}
    if not exchange(store, Exchange(old, new, told), now, reached) or not gone:
        return []
    size = sum(file.bytes for file in old) - sum(file.bytes for file in new)
    return [replace(cut, observations=gone, bytes=size)]


@contextmanager
def _scratch() -> Iterator[Merger]:
    with TemporaryDirectory(prefix="kevents-") as folder:
        merger = Merger(Path(folder))
        try:
            yield merger
        finally:
            merger.close()
