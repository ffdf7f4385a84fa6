"""One round of maintenance as a worker process: `python -m kevents.maintenance.round STORE CLUSTER RULES`."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from kevents import clock
from kevents.config import config_directory
from kevents.errors import KeventsError
from kevents.event.severity_table import load_ratings
from kevents.maintenance import due
from kevents.maintenance.prune import prune, prune_options
from kevents.maintenance.retention import RetentionRules
from kevents.maintenance.round_result import RoundResult
from kevents.store.rewrite.compact import CompactOptions, compact
from kevents.store.store import Store
from kevents.worker_process import run

_NICENESS = 10  # lower priority than the recorder and sealing


def maintain(store: Store, cluster: str, rules: RetentionRules, now: datetime) -> RoundResult:
    """Prune and compact a cluster as far as needed. If nothing is needed, no lock is taken.

    If a step fails, such as on a full disk, the others still run.
    """
    result = RoundResult()
    for step in (_prune, _compact, _delete_retired):
        try:
            step(store, cluster, rules, now, result)
        except (KeventsError, OSError) as error:
            result.failures.append(str(error))
    return result


def _prune(store: Store, cluster: str, rules: RetentionRules, now: datetime, result: RoundResult) -> None:
    files = due.files_of(store.catalog(), cluster)
    result.excess = due.excess_bytes(files, rules, now)
    if not due.is_pruning_due(files, rules, now):
        return
    severities = load_ratings(config_directory(os.environ))
    pruned = prune(store, prune_options(rules, severities, (cluster,)), now)
    result.excess, result.damaged = pruned.excess, len(pruned.damaged)
    result.observations = sum(deletion.observations for deletion in pruned.deletions)
    result.bytes = sum(deletion.bytes for deletion in pruned.deletions)
    result.days = sorted({deletion.day.isoformat() for deletion in pruned.deletions})


def _compact(store: Store, cluster: str, _: RetentionRules, now: datetime, result: RoundResult) -> None:
    if due.is_compaction_due(due.files_of(store.catalog(), cluster), now):
        compacted = compact(store, CompactOptions((cluster,)), now)
        result.damaged = max(result.damaged, len(compacted.damaged))
        result.merged, result.made = compacted.merged, compacted.made


def _delete_retired(store: Store, _cluster: str, _: RetentionRules, now: datetime, _result: RoundResult) -> None:
    """Delete files that were replaced while a reader needed them."""
    if store.catalog().retired:
        with store.writing(lambda _: None):
            store.delete_retired(now)


def main(arguments: list[str]) -> int:
    """Run as a worker process: arguments are the store, the cluster and the rules. Prints the result as JSON."""
    directory, cluster, rules = arguments

    def work() -> str:
        return maintain(Store(Path(directory)), cluster, RetentionRules.from_json(rules), clock.now()).to_json()

    return run(work, _NICENESS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
