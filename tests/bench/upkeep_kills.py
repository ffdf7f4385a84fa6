"""`python -m tests.bench.upkeep_kills`: 200 random SIGKILLs among import, compaction, prune, record and its children.

Then the next commands must repair what is left, verification find nothing, and the store hold all that was acknowledged
exactly once, but for what prune was told to delete.
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
    """Print what was killed and what was left; status 1 where that is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two kills, at most")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    etcd = Etcd()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, Server(etcd) as server:
        commands = commands_of(server, Path(directory))
        kill_test = KillTest(commands, etcd, random.Random(options.seed))
        kill_test.run(options.kills, options.pause)
        killed = ", ".join(f"{number} of {name}" for name, number in kill_test.killed.most_common())
        print(f"{sum(kill_test.killed.values())} kills in {time.monotonic() - began:.0f} s: {killed}")
        print(f"  {kill_test.leftovers} of them left files that do not count")
        print("  ended by themselves:", ", ".join(f"{n} of {name}" for name, n in kill_test.ended.most_common()))
        kill_test.finish()
        findings = json.loads(commands.answer("store", "verify", "-o", "json"))
        recorded, imported = kill_test.recorded, kill_test.imported
        expected = kill_test.expected_imported(imported)
        wanted = sorted(etcd.ledger, key=lambda version: version.resource_version)
        print(f"  recorded: {len(recorded):,} of {len(wanted):,}, each once: {recorded == wanted}")
        print(
            f"  imported: {kill_test.acknowledged} dumps, {len(imported):,} of {len(expected):,} events that stay,"
            f" each once: {imported == expected}"
        )
        print(f"  verification finds {len(findings)}; unexpected: {len(kill_test.errors)}")
        for line in [*kill_test.errors[:5], *map(str, findings[:5])]:
            print(f"    {line}")
    sys.exit(bool(findings or kill_test.errors or recorded != wanted or imported != expected))


if __name__ == "__main__":
    main()
