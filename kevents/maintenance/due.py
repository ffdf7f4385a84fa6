"""Decides from the catalog alone whether a cluster needs maintenance, so that a recorder can check this cheaply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kevents.maintenance.prune_plan import deletions_by_age, deletions_by_size
from kevents.maintenance.retention import RetentionRules
from kevents.store.catalog import Catalog, StoreFile
from kevents.store.rewrite import merge_plan


def is_due(catalog: Catalog, cluster: str, rules: RetentionRules, now: datetime) -> bool:
    """Whether a round would change or report anything."""
    files = files_of(catalog, cluster)
    return bool(
        catalog.retired
        or is_pruning_due(files, rules, now)
        or is_compaction_due(files, now)
        or excess_bytes(files, rules, now)
    )


def is_pruning_due(files: Sequence[StoreFile], rules: RetentionRules, now: datetime) -> bool:
    return bool(deletions_by_age(files, rules, now) or deletions_by_size(files, rules, now)[0])


def is_compaction_due(files: Iterable[StoreFile], now: datetime) -> bool:
    return bool(merge_plan.due(files, now))


def excess_bytes(files: Sequence[StoreFile], rules: RetentionRules, now: datetime) -> int:
    """The bytes over the size limit that remain after pruning."""
    return deletions_by_size(files, rules, now)[1]


def files_of(catalog: Catalog, cluster: str) -> list[StoreFile]:
    """The files of a cluster."""
    return [file for file in catalog.files if file.cluster == cluster]
