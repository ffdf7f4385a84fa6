"""One round of maintenance, as a process: `python -m kevents.maintenance.round STORE CLUSTER RULES`."""

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
from kevents.maintenance.prune import order_of, prune
from kevents.maintenance.retention import Rules
from kevents.maintenance.round_result import RoundResult
from kevents.store.rewrite.compact import CompactOptions, compact
from kevents.store.store import Store
from kevents.worker_process import run

_NICE = 10  # the recorder goes first, then sealing


def keep_up(store: Store, cluster: str, rules: Rules, now: datetime) -> RoundResult:
    """Prune what the rules do not keep of the cluster, and merge what is due; takes no lock where nothing is.

    What fails stops nothing else: a disk that is full, or severities of one's own that cannot be read.
    """
    outcome = RoundResult()
    for step in (_prune, _compact, _release):
        try:
            step(store, cluster, rules, now, outcome)
        except (KeventsError, OSError) as error:
            outcome.failures.append(str(error))
    return outcome


def _prune(store: Store, cluster: str, rules: Rules, now: datetime, outcome: RoundResult) -> None:
    files = due.files_of(store.catalog(), cluster)
    outcome.excess = due.excess(files, rules, now)
    if not due.is_pruning_due(files, rules, now):
        return
    pruned = prune(store, order_of(rules, load_ratings(config_directory(os.environ)), (cluster,)), now)
    outcome.excess, outcome.damaged = pruned.excess, len(pruned.damaged)
    outcome.observations = sum(cut.observations for cut in pruned.cuts)
    outcome.bytes = sum(cut.bytes for cut in pruned.cuts)
    outcome.days = sorted({cut.day.isoformat() for cut in pruned.cuts})


def _compact(store: Store, cluster: str, _: Rules, now: datetime, outcome: RoundResult) -> None:
    if due.is_compaction_due(due.files_of(store.catalog(), cluster), now):
        done = compact(store, CompactOptions((cluster,)), now)
        outcome.damaged = max(outcome.damaged, len(done.damaged))
        outcome.merged, outcome.made = done.merged, done.made


def _release(store: Store, _cluster: str, _: Rules, now: datetime, _outcome: RoundResult) -> None:
    """Delete what was replaced while somebody read it."""
    if store.catalog().retired:
        with store.writing(lambda _: None):
            store.release(now)


def main(arguments: list[str]) -> int:
    """Do as the arguments say, and say what became of it."""
    directory, cluster, rules = arguments
    return run(lambda: keep_up(Store(Path(directory)), cluster, Rules.read(rules), clock.now()).written(), _NICE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
