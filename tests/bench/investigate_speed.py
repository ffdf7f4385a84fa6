"""Time of the commands of an investigation on a million observations, compared with plain DuckDB on the same files.

    python -m tests.bench.investigate_speed [--observations 1000000] [--runs 3] [--store DIR] [COMMAND …]

Complete processes are timed in turns, and medians are printed. The baseline is a process that counts the rows of the
store's Parquet files by reason with DuckDB, without occurrences, severity or order.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.large_store import large_store

BASELINE = """
import duckdb, sys
duckdb.sql(f"SELECT reason, count(*), sum(count) FROM read_parquet('{sys.argv[1]}') GROUP BY reason").fetchall()
"""
_LIMIT = 2.0  # seconds
_POD = """
SELECT namespace, name, regexp_extract(name, '^(.+)-[^-]+-[^-]+$', 1)
FROM events WHERE reason = 'BackOff' ORDER BY count DESC, name LIMIT 1
"""


class Usage(NamedTuple):
    """Resources that a process used. cpu: seconds of all threads."""

    wall: float
    cpu: float
    peak_mb: float


def run(command: list[str]) -> Usage:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} exited with status {os.waitstatus_to_exitcode(status)}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def kevents(directory: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "kevents", *words, "--as-of", "last", "--store", str(directory)]


def commands(directory: Path) -> dict[str, list[str]]:
    """The commands to time, by name. The pod is the one with the most back-offs."""
    query = [*kevents(directory, "query", _POD), "-o", "tsv", "--no-headers"]
    namespace, pod, deployment = subprocess.check_output(query, text=True, stderr=subprocess.DEVNULL).split()
    of_pod, of_deployment = (f"pod/{pod}", "-n", namespace), (f"deploy/{deployment}", "-n", namespace)
    arguments = {
        "overview": ("overview",),
        "overview --by family": ("overview", "--by", "family"),
        "histogram": ("histogram",),
        "histogram --by severity": ("histogram", "--by", "severity"),
        "timeline": ("timeline",),
        "correlate": ("correlate", *of_pod),
        "patterns": ("patterns",),
        "nodes": ("nodes",),
        "rollouts": ("rollouts",),
        "restarts": ("restarts",),
        "diff": ("diff", "--since", "10d"),
        "diff --by reason": ("diff", "--since", "10d", "--by", "reason"),
        "describe": ("describe", *of_pod, "--offline"),
        "describe --history": ("describe", *of_pod, "--history", "--offline"),
        "describe --family": ("describe", *of_deployment, "--family", "--offline"),
    }
    return {name: kevents(directory, *words) for name, words in arguments.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", metavar="COMMAND", help="time only these commands")
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--store", type=Path, help="directory of the store, which is built if it does not exist")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kevents-bench-") as scratch:
        directory = options.store or Path(scratch)
        store = large_store(directory, options.observations)
        rows = sum(file.rows for file in store.snapshot().files)
        selected = {name: words for name, words in commands(directory).items() if name in (options.only or [name])}
        print(f"{rows:,} observations, {options.runs} runs in turns; median (min to max), limit {_LIMIT:.0f} s")
        measure(selected, str(directory / "observations" / "**" / "*.parquet"), options.runs)


def measure(selected: dict[str, list[str]], files: str, runs: int) -> None:
    timed = {"baseline": [sys.executable, "-c", BASELINE, files], **selected}
    usages: dict[str, list[Usage]] = {name: [] for name in timed}
    for turn in range(runs + 1):  # the first turn warms the page cache and is not counted
        for name, command in timed.items():
            usage = run(command)
            if turn:
                usages[name].append(usage)
    base = statistics.median(usage.wall for usage in usages["baseline"])
    for name, of_name in usages.items():
        walls = [usage.wall for usage in of_name]
        wall, cpu = statistics.median(walls), statistics.median(usage.cpu for usage in of_name)
        print(
            f"  {name:24} {wall:5.2f} s ({min(walls):.2f} to {max(walls):.2f}), {wall / base:4.1f} x baseline, "
            f"{cpu:5.2f} s CPU, {max(usage.peak_mb for usage in of_name):4.0f} MB"
            f"{'' if wall < _LIMIT else '  LIMIT EXCEEDED'}"
        )


if __name__ == "__main__":
    main()
