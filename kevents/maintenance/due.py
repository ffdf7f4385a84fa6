"""Whether a cluster's files need upkeep now: from the catalog alone, for a recorder that starts a process if so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kevents.maintenance.prune_plan import by_age, by_size
from kevents.maintenance.retention import Rules
from kevents.store.catalog import Catalog, StoreFile
from kevents.store.rewrite import merge_plan


def is_due(catalog: Catalog, cluster: str, rules: Rules, now: datetime) -> bool:
    """Whether a round would find something to do, or to complain of."""
    files = files_of(catalog, cluster)
    return bool(
        catalog.retired
        or is_pruning_due(files, rules, now)
        or is_compaction_due(files, now)
        or excess(files, rules, now)
    )


def is_pruning_due(files: Sequence[StoreFile], rules: Rules, now: datetime) -> bool:
    return bool(by_age(files, rules, now) or by_size(files, rules, now)[0])


def is_compaction_due(files: Iterable[StoreFile], now: datetime) -> bool:
    return bool(merge_plan.due(files, now))


def excess(files: Sequence[StoreFile], rules: Rules, now: datetime) -> int:
    """The bytes that the files take more than they may, whatever is pruned."""
    return by_size(files, rules, now)[1]


def files_of(catalog: Catalog, cluster: str) -> list[StoreFile]:
    """The cluster's files."""
    return [file for file in catalog.files if file.cluster == cluster]
