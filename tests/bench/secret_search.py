"""Searches the output of every command for secrets, with every place for a secret and every behavior of a server.

    .venv/bin/python -m tests.bench.secret_search [PLACE…]

Prints each finding, and exits with status 1 if there are any. Takes about 20 minutes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.secret_search import COMMANDS, MODES, PLACES, RECORD, Place, findings, ran, script, unreachable
from tests.server import Etcd, Server


def search(place: Place, mode: str, directory: Path) -> list[str]:
    """The findings for one place and one behavior of the server."""
    etcd = Etcd()
    etcd.add(3)
    with Server(etcd) as server:
        outputs = []
        for command in (RECORD, *COMMANDS):
            if mode in MODES:
                script(server, mode)
            url = server.url if mode in MODES else unreachable()
            outputs += ran(place, url, directory, [command])
        found = findings(place, directory, outputs)
        return found + [f"{place.name}: traceback: {each.output}" for each in outputs if "Traceback" in each.output]


def main(names: list[str]) -> int:
    """Search for the secrets of the named places, or of all."""
    count = 0
    with tempfile.TemporaryDirectory() as scratch:
        for number, place in enumerate(place for place in PLACES if not names or place.name in names):
            for mode in (*MODES, "is unreachable"):
                found = search(place, mode, Path(scratch) / f"{number}-{mode}")
                count += len(found)
                print(f"{place.name}, server {mode}: {len(found)} findings", *found, sep="\n    ", flush=True)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
