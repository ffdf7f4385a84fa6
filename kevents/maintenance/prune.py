"""Pruning: deletes complete days, the oldest first, except for events that are severe enough to keep longer.

The coverage records what was deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kevents.errors import UsageError
from kevents.maintenance.prune_plan import Deletion, deletions_by_age, deletions_by_size
from kevents.maintenance.retention import RetentionRules
from kevents.query import severity_sql
from kevents.store.rewrite.exchange import NO_CALLBACKS, Callbacks, Exchange, exchange, rewriting
from kevents.store.rewrite.merge import Merger
from kevents.store.segments.damage import Damage, damaged
from kevents.store.store import Store

if TYPE_CHECKING:
    from kevents.event.severity import Ratings
    from kevents.event.severity_table import Table
    from kevents.store.catalog import StoreFile


@dataclass
class PruneResult:
    """What was deleted, or would be deleted.

    excess: the bytes over the size limit that remain. damaged: files that were skipped, because rewriting a damaged
    file would hide the damage.
    """

    deletions: list[Deletion] = field(default_factory=list)
    excess: int = 0
    damaged: list[Damage] = field(default_factory=list)


@dataclass(frozen=True)
class PruneOptions:
    """What to prune. ratings: the severity of each reason. clusters: empty for all."""

    rules: RetentionRules
    ratings: Ratings
    clusters: Sequence[str] = ()

    def selected(self, files: Iterable[StoreFile]) -> list[StoreFile]:
        """The files of the selected clusters."""
        return [file for file in files if not self.clusters or file.cluster in self.clusters]


def prune_options(rules: RetentionRules, table: Table, clusters: Sequence[str] = ()) -> PruneOptions:
    """The options for these rules and severities.

    Raises UsageError if events are kept by severity and the user's severity table is not valid: an invalid entry might
    be about events to keep.
    """
    if rules.keep and table.problems:
        raise UsageError(
            f"cannot keep events by severity: {table.problems[0]}", "Fix the severity table. Nothing was pruned."
        )
    return PruneOptions(rules, table.ratings, clusters)


def prune(store: Store, options: PruneOptions, now: datetime, callbacks: Callbacks = NO_CALLBACKS) -> PruneResult:
    """Delete what the retention rules do not keep. Readers and writers continue."""
    result = PruneResult()
    with rewriting(store, now, callbacks) as merger:
        severity_sql.define_severity(merger.connection, options.ratings, now)
        pruning = _Pruning(store, merger, now, callbacks, result)
        for deletion in deletions_by_age(options.selected(store.files()), options.rules, now):
            pruning.delete(deletion)
        deletions, result.excess = deletions_by_size(options.selected(store.files()), options.rules, now)
        for deletion in deletions:
            pruning.delete(deletion)
    return result


def would_prune(store: Store, options: PruneOptions, now: datetime) -> PruneResult:
    """What `prune` would delete now, without writing. For days that are kept in part, the bytes are estimated."""
    snapshot = store.snapshot()
    kept_share = dict.fromkeys(options.selected(snapshot.files), 1.0)
    result = PruneResult()
    with _temporary_merger() as merger:
        severity_sql.define_severity(merger.connection, options.ratings, now)
        for deletion in deletions_by_age(kept_share, options.rules, now):
            damages = damaged(deletion.files) if deletion.kept else []
            files = tuple(file for file in deletion.files if file not in {damage.file for damage in damages})
            result.damaged += damages
            share = _share_to_keep(merger, deletion, files)
            kept_share.update(dict.fromkeys(files, share))
            if share < 1 and files:
                result.deletions.append(_estimate(deletion, files, share))
    kept = [replace(file, bytes=round(file.bytes * share)) for file, share in kept_share.items() if share]
    deletions, result.excess = deletions_by_size(kept, options.rules, now)
    result.deletions += deletions
    return result


def _share_to_keep(merger: Merger, deletion: Deletion, files: Sequence[StoreFile]) -> float:
    """The share of the rows of these files that is severe enough to keep."""
    if not deletion.kept or not files:
        return 0.0
    rows = sum(file.rows for file in files)
    return merger.count(files, severity_sql.at_least(deletion.kept)) / max(rows, 1)


def _estimate(deletion: Deletion, files: tuple[StoreFile, ...], kept_share: float) -> Deletion:
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    deleted = 1 - kept_share
    return replace(deletion, files=files, observations=round(rows * deleted), bytes=round(size * deleted))


@dataclass
class _Pruning:
    store: Store
    merger: Merger
    now: datetime
    callbacks: Callbacks
    result: PruneResult

    def delete(self, deletion: Deletion) -> None:
        """Delete a day, or its less severe events, and add what was deleted to the result."""
        old, new = list(deletion.files), []
        if deletion.kept:
            damages = damaged(old)
            self.result.damaged += damages
            old = [file for file in old if file not in {damage.file for damage in damages}]
            if not old:
                return
            merged = self.merger.merge(old, severity_sql.at_least(deletion.kept))
            new = [replace(file, least=deletion.kept) for file in merged]
        rows = sum(file.rows for file in old) - sum(file.rows for file in new)
        coverage = {deletion.cluster: [deletion.span]} if rows else {}
        if exchange(self.store, Exchange(old, new, coverage), self.now, self.callbacks) and rows:
            size = sum(file.bytes for file in old) - sum(file.bytes for file in new)
            self.result.deletions.append(replace(deletion, files=tuple(old), observations=rows, bytes=size))


@contextmanager
def _temporary_merger() -> Iterator[Merger]:
    with TemporaryDirectory(prefix="kevents-") as directory:
        merger = Merger(Path(directory))
        try:
            yield merger
        finally:
            merger.close()
