"""`python -m tests.bench.upkeep_readers`: 8 processes that read a store on and on through 200 compactions.

Events are numbered from 1, and their number is their count: whoever sees n of them must see the sum n (n + 1) / 2, and
never fewer than before. A file seen twice, or not at all, gives another sum.
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

_SELF = "tests.bench.upkeep_readers"
_SUM = 'SELECT count(*) AS n, sum("count")::BIGINT AS total FROM observations'


def main() -> None:
    """Print how often was read and what was seen; status 1 where a sum was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--compactions", type=int, default=200)
    parser.add_argument("--directory", type=Path, help="where to work")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        _read(options.read)
        return
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        sys.exit(0 if _measure(Store(Path(directory) / "store"), options.readers, options.compactions) else 1)


def _measure(store: Store, readers: int, compactions: int) -> bool:
    fill(store, (18, 19, 20), files=3, events=200)
    command = [sys.executable, "-m", _SELF, "--read", str(store.directory)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    began, left = time.monotonic(), 0
    for _ in range(compactions):
        fill(store, (19, 20), files=2, events=50)
        merge_all(store)
        left = max(left, len(list((store.directory / "observations").rglob("*.parquet"))) - len(store.files()))
    took = time.monotonic() - began
    (store.directory.parent / "over").touch()
    told = [json.loads(process.communicate()[0]) for process in running]
    looks, wrong = sum(one["looks"] for one in told), [line for one in told for line in one["wrong"]]
    seen = max(one["seen"] for one in told)
    print(f"{compactions} compactions in {took:.0f} s beside {readers} readers, who looked {looks:,} times")
    print(f"  wrong sums: {len(wrong)}; replaced files kept for them: {left} at most; the last saw {seen:,} events")
    for line in wrong[:5]:
        print(f"    {line}")
    return not wrong and all(process.returncode == 0 for process in running)


def _read(directory: Path) -> None:
    """Look until it is over, and say what was seen."""
    looks, seen = 0, 0
    wrong: list[str] = []
    is_over = False
    while not is_over:
        is_over = (directory.parent / "over").exists()  # one more look, at all there is
        (row,) = rows(directory, _SUM)
        n, total = int(str(row["n"])), int(str(row["total"]))
        if total != n * (n + 1) // 2 or n < seen:
            wrong.append(f"{n} events with a sum of {total}, after {seen} events")
        looks, seen = looks + 1, n
    print(json.dumps({"looks": looks, "wrong": wrong, "seen": seen}))


if __name__ == "__main__":
    main()
