"""Plans which files to merge, so that each row is rewritten only a few times, however many files arrive."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kevents.store.catalog import StoreFile

_TIER_FACTOR = 16  # this many runs of a tier become one of the next: three rewrites per row on a day of 1,440 files
_DAY_DELAY = timedelta(hours=3)  # after midnight, until the last events of a day are stored
_SMALL = 122_880  # rows: one row group, which is cheap to rewrite
_MAX_FILES = 64  # in one merge: each part opens all of them, and some systems allow a process only 256 open files


@dataclass(frozen=True)
class Run:
    """Files that were written together, each with different objects. They are merged as one."""

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
    """What to merge now, the oldest days first. by_hand: as much as is useful, including days that are not over."""
    merges = []
    for (cluster, day), runs in _runs_by_day(files).items():
        if by_hand:
            selected = _without_large_runs(runs, _SMALL)
        elif day is None or day < (now - _DAY_DELAY).date():
            selected = _without_large_runs(runs, 0)
        else:
            selected = _first_full_tier(runs)
        for batch in _batches(selected):
            merges.append(Merge(cluster, day, tuple(file for run in batch for file in run.files)))
    return sorted(merges, key=lambda merge: (merge.day or date.max, merge.cluster))


def _runs_by_day(files: Iterable[StoreFile]) -> dict[tuple[str, date | None], list[Run]]:
    """The runs of each cluster and day, the smallest first."""
    files_by_run: dict[tuple[str, date | None], dict[str, list[StoreFile]]] = {}
    for file in files:
        files_by_run.setdefault((file.cluster, file.day), {}).setdefault(file.run, []).append(file)
    return {
        key: sorted((Run(tuple(of_run)) for of_run in by_run.values()), key=lambda run: run.rows)
        for key, by_run in files_by_run.items()
    }


def _without_large_runs(runs: list[Run], small: int) -> list[Run]:
    """The runs up to the last one that is not larger than all smaller ones together, or than `small`.

    So each rewrite of a row at least doubles the size of its run. What remains is one run or, if events came late, a
    few, each larger than all smaller ones together.
    """
    smaller_rows = 0
    selected = 0
    for index, run in enumerate(runs):
        if index and run.rows <= max(smaller_rows, small):
            selected = index + 1
        smaller_rows += run.rows
    return runs[:selected]


def _batches(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """The runs in batches of at least two with at most _MAX_FILES files if possible. A single last run is left out."""
    batch: list[Run] = []
    for run in runs:
        if len(batch) > 1 and sum(len(other.files) for other in (*batch, run)) > _MAX_FILES:
            yield batch
            batch = []
        batch.append(run)
    if len(batch) > 1:
        yield batch


def _first_full_tier(runs: list[Run]) -> list[Run]:
    """The runs of the lowest tier with enough of them. A tier has runs of up to 16 times the rows of the one below."""
    tiers: dict[int, list[Run]] = {}
    for run in runs:
        tiers.setdefault(int(math.log(max(run.rows, 1), _TIER_FACTOR)), []).append(run)
    return next((tier for _, tier in sorted(tiers.items()) if len(tier) >= _TIER_FACTOR), [])
