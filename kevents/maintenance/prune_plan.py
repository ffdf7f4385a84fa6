"""What pruning would take: known from the catalog alone, so a recorder can ask it of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from kevents.event.severity import SEVERITIES
from kevents.maintenance.retention import ALL, NOTHING, Rules
from kevents.store import coverage
from kevents.store.catalog import StoreFile
from kevents.store.coverage import Span, State


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
