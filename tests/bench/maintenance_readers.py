"""8 processes that query a store continuously during 200 compactions.

    python -m tests.bench.maintenance_readers

Events are numbered from 1, and their number is their count. A query that sees n events must see the sum
n (n + 1) / 2, and n must never decrease. A file that is read twice or not at all gives another sum.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kevents.store.store import Store
from tests.record.recording import rows
from tests.store.numbered_events import fill, merge_all

_MODULE = "tests.bench.maintenance_readers"
_SUM = 'SELECT count(*) AS n, sum("count")::BIGINT AS total FROM observations'


def main() -> None:
    """Print the results. The exit status is 1 if a sum is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--compactions", type=int, default=200)
    parser.add_argument("--directory", type=Path, help="working directory")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        _read(options.read)
        return
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        sys.exit(0 if _measure(Store(Path(directory) / "store"), options.readers, options.compactions) else 1)


def _measure(store: Store, readers: int, compactions: int) -> bool:
    fill(store, (18, 19, 20), files=3, events=200)
    command = [sys.executable, "-m", _MODULE, "--read", str(store.directory)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    start, unused = time.monotonic(), 0
    for _ in range(compactions):
        fill(store, (19, 20), files=2, events=50)
        merge_all(store)
        unused = max(unused, len(list((store.directory / "observations").rglob("*.parquet"))) - len(store.files()))
    seconds = time.monotonic() - start
    (store.directory.parent / "done").touch()
    results = [json.loads(process.communicate()[0]) for process in running]
    queries = sum(result["queries"] for result in results)
    wrong = [line for result in results for line in result["wrong"]]
    newest = max(result["events"] for result in results)
    print(f"{compactions} compactions in {seconds:.0f} s with {readers} readers, which ran {queries:,} queries")
    print(f"  wrong sums: {len(wrong)}; replaced files kept for readers: up to {unused}; events at the end: {newest:,}")
    for line in wrong[:5]:
        print(f"    {line}")
    return not wrong and all(process.returncode == 0 for process in running)


def _read(directory: Path) -> None:
    """Query the store until the compactions are done, and print the results as JSON."""
    queries, events = 0, 0
    wrong: list[str] = []
    is_done = False
    while not is_done:
        is_done = (directory.parent / "done").exists()  # before the query, so that the last one sees everything
        (row,) = rows(directory, _SUM)
        n, total = int(str(row["n"])), int(str(row["total"]))
        if total != n * (n + 1) // 2 or n < events:
            wrong.append(f"{n} events with a sum of {total}, after {events} events")
        queries, events = queries + 1, n
    print(json.dumps({"queries": queries, "wrong": wrong, "events": events}))


if __name__ == "__main__":
    main()
