"""One round of upkeep, as `python -m kevents.upkeep.round STORE CLUSTER RULES` beside the recorder of that cluster."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from kevents import clock
from kevents.config import config_folder
from kevents.errors import KeventsError, StoreError
from kevents.event.ratings import with_own
from kevents.store.compact import Wish, compact
from kevents.store.plan import due
from kevents.store.store import Store
from kevents.upkeep.prune import Order, by_age, by_size, prune
from kevents.upkeep.rules import Rules

_NICE = 10  # the recorder goes first, then sealing


def keep_up(store: Store, cluster: str, rules: Rules, now: datetime) -> None:
    """Prune what the rules do not keep of the cluster, and merge what is due; takes no lock where nothing is."""
    files = [file for file in store.files() if file.cluster == cluster]
    if by_age(files, rules, now) or by_size(files, rules, now)[0]:
        prune(store, Order(rules, with_own(config_folder(os.environ)).ratings, (cluster,)), now)
    if due(files, now):
        compact(store, Wish((cluster,)), now)
    if store.catalog().retired:
        with store.writing(lambda _: None):
            store.release(now)


def main(arguments: list[str]) -> int:
    """Do as the arguments say; why it failed is one line on standard error."""
    folder, cluster, rules = arguments
    if hasattr(os, "nice"):
        os.nice(_NICE)
    try:
        keep_up(Store(Path(folder)), cluster, Rules.read(rules), clock.now())
    except (KeventsError, OSError) as error:
        print(error, file=sys.stderr)
        return StoreError.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
