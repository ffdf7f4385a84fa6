"""Plans what to prune, from the catalog alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from kevents.event.severity import SEVERITIES
from kevents.maintenance.retention import EVERYTHING, NOTHING, RetentionRules
from kevents.store import coverage
from kevents.store.catalog import StoreFile
from kevents.store.coverage import Span, State


@dataclass(frozen=True)
class Deletion:
    """The deletion of a day of a cluster.

    kept: the lowest severity to keep; NOTHING deletes the complete day. files: the files to delete or to replace.
    observations, bytes: how much is deleted.
    """

    cluster: str
    day: date
    kept: str
    files: tuple[StoreFile, ...]
    observations: int = 0
    bytes: int = 0

    @property
    def span(self) -> Span:
        """The coverage after the deletion."""
        start = datetime.combine(self.day, time(), UTC)
        cause = f"below {self.kept}" if self.kept else None
        return Span(coverage.ALL, State.PRUNED, start, start + timedelta(days=1), cause)


def deletions_by_age(files: Iterable[StoreFile], rules: RetentionRules, now: datetime) -> list[Deletion]:
    """The deletions of days that are too old, the oldest first, without files that are already pruned that far."""
    deletions = []
    for (day, cluster), files_of_day in _files_by_day(files, now):
        kept = rules.lowest_kept_severity(day, now)
        if kept == EVERYTHING:
            continue
        selected = tuple(file for file in files_of_day if not kept or not _has_only(file, kept))
        if selected:
            deletions.append(Deletion(cluster, day, kept, selected) if kept else _complete(cluster, day, selected))
    return deletions


def deletions_by_size(files: Sequence[StoreFile], rules: RetentionRules, now: datetime) -> tuple[list[Deletion], int]:
    """The deletions of the oldest days until the size limit is met, and the bytes over the limit that remain.

    Today is never deleted.
    """
    if rules.max_size is None:
        return [], 0
    excess = sum(file.bytes for file in files) - rules.max_size
    deletions = []
    for (day, cluster), files_of_day in _files_by_day(files, now):
        if excess <= 0:
            break
        deletions.append(_complete(cluster, day, tuple(files_of_day)))
        excess -= deletions[-1].bytes
    return deletions, max(excess, 0)


def _files_by_day(files: Iterable[StoreFile], now: datetime) -> Iterator[tuple[tuple[date, str], list[StoreFile]]]:
    """The files of each past day and cluster, the oldest first. Files without a day are never pruned."""
    past = [(file.day, file.cluster, file) for file in files if file.day and file.day < now.date()]
    ordered = sorted(past, key=lambda entry: entry[:2])
    for key, group in groupby(ordered, key=lambda entry: entry[:2]):
        yield key, [file for _, _, file in group]


def _complete(cluster: str, day: date, files: tuple[StoreFile, ...]) -> Deletion:
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    return Deletion(cluster, day, NOTHING, files, rows, size)


def _has_only(file: StoreFile, severity: str) -> bool:
    """Whether pruning has left nothing below this severity in the file."""
    return file.least is not None and SEVERITIES.index(file.least) <= SEVERITIES.index(severity)
