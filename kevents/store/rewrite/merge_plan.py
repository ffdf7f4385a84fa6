"""Which files to merge: each row is rewritten a few times in its life, however many files come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kevents.store.catalog import StoreFile

_TOGETHER = 16  # runs of one tier make one of the next, each row once a tier: thrice on a day of 1,440 files
_LATE = timedelta(hours=3)  # so long after midnight a day's last events are taken
_SMALL = 122_880  # rows: one row group, which costs nothing to rewrite
_OPEN = 64  # files that are read at once: a process may open 256 on some systems, and each part reads all of them


@dataclass(frozen=True)
class Run:
    """Files that were written together, by object: they are read and merged as one."""

    files: tuple[StoreFile, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


@dataclass(frozen=True)
class Merge:
    """Files of one cluster and day that become one run."""

    cluster: str
    day: date | None
    files: tuple[StoreFile, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


def due(files: Iterable[StoreFile], now: datetime, *, by_hand: bool = False) -> list[Merge]:
    """What to merge now, the oldest days first. by_hand: as much as is worth it, of days that go on as well."""
    merges = []
    for (cluster, day), runs in _by_day(files).items():
        if by_hand:
            chosen = _all_but_larger(runs, _SMALL)
        elif day is None or day < (now - _LATE).date():
            chosen = _all_but_larger(runs, 0)
        else:
            chosen = _of_a_tier(runs)
        for lot in _lots(chosen):
            merges.append(Merge(cluster, day, tuple(file for run in lot for file in run.files)))
    return sorted(merges, key=lambda merge: (merge.day or date.max, merge.cluster))


def _by_day(files: Iterable[StoreFile]) -> dict[tuple[str, date | None], list[Run]]:
    found: dict[tuple[str, date | None], dict[str, list[StoreFile]]] = {}
    for file in files:
        found.setdefault((file.cluster, file.day), {}).setdefault(file.run, []).append(file)
    return {
        key: sorted((Run(tuple(run)) for run in runs.values()), key=lambda run: run.rows) for key, runs in found.items()
    }


def _all_but_larger(runs: list[Run], small: int) -> list[Run]:
    """All runs up to the largest that is not larger than those below it together: who is rewritten doubles at least.

    What is left is a run or, where something came late, a few: each larger than all below it.
    """
    below = 0
    chosen = 0
    for place, run in enumerate(runs):
        if place and run.rows <= max(below, small):
            chosen = place + 1
        below += run.rows
    return runs[:chosen]


def _lots(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """The runs in lots of two or more that have few enough files, the smallest first; what is left over waits."""
    lot: list[Run] = []
    for run in runs:
        if len(lot) > 1 and sum(len(one.files) for one in (*lot, run)) > _OPEN:
            yield lot
            lot = []
        lot.append(run)
    if len(lot) > 1:
        yield lot


def _of_a_tier(runs: list[Run]) -> list[Run]:
    """The runs of the lowest tier that has enough of them; a tier's runs have up to 16 times the rows of the last's."""
    tiers: dict[int, list[Run]] = {}
    for run in runs:
        tiers.setdefault(int(math.log(max(run.rows, 1), _TOGETHER)), []).append(run)
    return next((tier for _, tier in sorted(tiers.items()) if len(tier) >= _TOGETHER), [])
