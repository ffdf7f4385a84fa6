"""Time, memory and store size of an import, compared with `jq` and plain DuckDB on the same events.

    python tests/bench/import_speed.py dump.json [--runs 5]

dump.json: a large List as from `kubectl get events -A -o json`. Complete processes are timed in turns, and medians are
printed. jq counts the items; DuckDB converts the same events, already split into lines, to Parquet. Another import, of
a List of at least 2 GB made by repeating the dump, shows that memory is bounded.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

DUCKDB = """
import duckdb, sys
duckdb.sql(f"COPY (SELECT * FROM read_json('{sys.argv[1]}', format = 'newline_delimited'))"
           f" TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)")
"""


class Run(NamedTuple):
    seconds: float
    peak_mb: float


def run(command: list[str]) -> Run:
    """Run a process: wall time and peak resident memory."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} exited with status {os.waitstatus_to_exitcode(status)}")
    return Run(seconds, usage.ru_maxrss / 1024)


def kevents_import(dump: Path, scratch: Path) -> list[str]:
    store = scratch / "store"
    shutil.rmtree(store, ignore_errors=True)
    return [sys.executable, "-m", "kevents", "import", str(dump), "--store", str(store)]


def stored_bytes(scratch: Path) -> int:
    return sum(path.stat().st_size for path in (scratch / "store" / "observations").rglob("*.parquet"))


def split_into_lines(dump: Path, lines: Path) -> int:
    """Write the items as lines, and return their number.

    In a separate process, because a child's peak memory is at least that of its parent at the fork.
    """
    script = (
        "import json, sys\n"
        "items = json.load(open(sys.argv[1]))['items']\n"
        "open(sys.argv[2], 'w').writelines(json.dumps(item) + chr(10) for item in items)\n"
        "print(len(items))"
    )
    return int(subprocess.check_output([sys.executable, "-c", script, str(dump), str(lines)]))


def repeat(dump: Path, large: Path, least: int) -> int:
    """Write a List that repeats the dump's items in other namespaces each time, and return how many times."""
    times = -(-least // dump.stat().st_size)
    script = (
        "import sys\n"
        "text = open(sys.argv[1]).read()\n"
        "begin, end = text.index('[' + chr(10)) + 2, text.rindex(chr(10) + '    ]')\n"
        "out = open(sys.argv[2], 'w')\n"
        "out.write(text[:begin])\n"
        "for n in range(int(sys.argv[3])):\n"
        '    again = text[begin:end].replace(\'"namespace": "\', f\'"namespace": "again-{n}-\')\n'
        "    out.write((',' + chr(10) if n else '') + again)\n"
        "out.write(text[end:])"
    )
    subprocess.check_call([sys.executable, "-c", script, str(dump), str(large), str(times)])
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large", type=float, default=2.0, metavar="GB", help="size of the large List; 0 for none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kevents-bench-") as directory:
        measure(options.dump, options.runs, options.large, Path(directory))


def measure(dump: Path, runs: int, large_gb: float, scratch: Path) -> None:
    lines = scratch / "lines.ndjson"
    events = split_into_lines(dump, lines)
    results: dict[str, list[Run]] = {"jq": [], "duckdb": [], "kevents": []}
    for turn in range(runs + 1):  # the first turn warms the page cache and is not counted
        commands = {
            "jq": ["jq", ".items|length", str(dump)],
            "duckdb": [sys.executable, "-c", DUCKDB, str(lines), str(scratch / "lines.parquet")],
            "kevents": kevents_import(dump, scratch),
        }
        for name, command in commands.items():
            result = run(command)
            if turn:
                results[name].append(result)
    print(f"{events:,} events, {dump.stat().st_size / 1e6:,.0f} MB, {runs} runs in turns; median (min to max)")
    for name, of_name in results.items():
        seconds = [each.seconds for each in of_name]
        print(
            f"  {name:8} {statistics.median(seconds):6.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
            f"  peak {max(each.peak_mb for each in of_name):5.0f} MB"
        )
    for other in ("jq", "duckdb"):
        ratios = [a.seconds / b.seconds for a, b in zip(results[other], results["kevents"], strict=True)]
        print(f"  {other} / kevents: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    median = statistics.median(each.seconds for each in results["kevents"])
    print(f"  kevents: {events / median:,.0f} events/s, {stored_bytes(scratch) / events:.1f} bytes stored per event")
    if large_gb:
        large = scratch / "large.json"
        times = repeat(dump, large, int(large_gb * 1e9))
        result = run(kevents_import(large, scratch))
        print(
            f"{events * times:,} events, {large.stat().st_size / 1e6:,.0f} MB: {result.seconds:.1f} s, "
            f"peak {result.peak_mb:.0f} MB, {stored_bytes(scratch) / events / times:.1f} bytes stored per event"
        )


if __name__ == "__main__":
    main()
