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

from tests.maintenance.kills import Together
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
        together = Together(commands, etcd, random.Random(options.seed))
        together.run(options.kills, options.pause)
        killed = ", ".join(f"{number} of {name}" for name, number in together.killed.most_common())
        print(f"{sum(together.killed.values())} kills in {time.monotonic() - began:.0f} s: {killed}")
        print(f"  {together.left_behind} of them left files that do not count")
        print("  ended by themselves:", ", ".join(f"{n} of {name}" for name, n in together.ended.most_common()))
        together.finish()
        findings = json.loads(commands.answer("store", "verify", "-o", "json"))
        recorded, imported = together.recorded, together.imported
        expected = together.to_be_imported(imported)
        wanted = sorted(etcd.ledger, key=lambda version: version.resource_version)
        print(f"  recorded: {len(recorded):,} of {len(wanted):,}, each once: {recorded == wanted}")
        print(
            f"  imported: {together.acknowledged} dumps, {len(imported):,} of {len(expected):,} events that stay,"
            f" each once: {imported == expected}"
        )
        print(f"  verification finds {len(findings)}; unexpected: {len(together.wrong)}")
        for line in [*together.wrong[:5], *map(str, findings[:5])]:
            print(f"    {line}")
    sys.exit(bool(findings or together.wrong or recorded != wanted or imported != expected))


if __name__ == "__main__":
    main()
