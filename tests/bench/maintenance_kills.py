"""200 SIGKILLs at random among processes that import, compact, prune and record, and their children.

    python -m tests.bench.maintenance_kills

Afterwards the next commands must clean up, `kevents store verify` must find nothing, and the store must contain
everything that was acknowledged exactly once, except for what was pruned.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.maintenance.kills import KillTest
from tests.record.process import commands_of
from tests.server import Etcd, Server


def main() -> None:
    """Print the results. The exit status is 1 if the store is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--pause", type=float, default=2.0, help="maximum seconds between two kills")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    etcd = Etcd()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, Server(etcd) as server:
        commands = commands_of(server, Path(directory))
        together = KillTest(commands, etcd, random.Random(options.seed))
        together.run(options.kills, options.pause)
        killed = ", ".join(f"{number} of {name}" for name, number in together.killed.most_common())
        print(f"{sum(together.killed.values())} kills in {time.monotonic() - start:.0f} s: {killed}")
        print(f"  {together.left_behind} of them left unused files behind")
        print("  completed:", ", ".join(f"{n} of {name}" for name, n in together.ended.most_common()))
        together.finish()
        findings = json.loads(commands.answer("store", "verify", "-o", "json"))
        recorded, imported = together.recorded, together.imported
        expected = together.to_be_imported(imported)
        ledger = sorted(etcd.ledger, key=lambda version: version.resource_version)
        print(f"  recorded: {len(recorded):,} of {len(ledger):,} events, each once: {recorded == ledger}")
        print(
            f"  imported: {together.acknowledged} dumps, {len(imported):,} of {len(expected):,} events not pruned,"
            f" each once: {imported == expected}"
        )
        print(f"  findings of verify: {len(findings)}; other errors: {len(together.wrong)}")
        for line in [*together.wrong[:5], *map(str, findings[:5])]:
            print(f"    {line}")
    sys.exit(bool(findings or together.wrong or recorded != ledger or imported != expected))


if __name__ == "__main__":
    main()
