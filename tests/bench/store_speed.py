"""Speed of queries on a large store, compared with plain DuckDB on the same files, and the size of the store.

    python -m tests.bench.store_speed [--sizes 1,5,20] [--runs 3] [--directory DIR] [--dump DUMP]

For each size, in millions of observations over 20 days, a store is built (in --directory, where it is kept) in the
layout that compaction produces. kevents is timed as a complete process. The hand-written query (plain.py) also runs in
a new process, but is timed without its start, for which the limit adds 0.4 s. Commands take turns, and the minimum
counts, because other load on the machine can only add to it. CPU seconds are those of all threads.

--dump: a List of 200,000 events on which every report is run, with the limits that apply on a terminal.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from kevents import duck
from tests.bench.large_store import CLUSTER, DAYS, START, large_store

_PLAIN = Path(__file__).with_name("plain.py")
# in seconds
_STARTUP = 0.4
_MAX_REPORT = 0.8
_MAX_INSTANT = 0.12
_SINCE = START + timedelta(days=9)
_UNTIL = START + timedelta(days=10)
_DAY = ("--since", f"{_SINCE:%FT%TZ}", "--until", f"{_UNTIL:%FT%TZ}")
_AGGREGATES = (
    "SELECT reason, count(*) AS n FROM {} GROUP BY ALL",
    'SELECT namespace, kind, count(*) AS n, max("count") AS most FROM {} GROUP BY ALL',
    "SELECT day, count(DISTINCT name) AS n, max(last_seen)::VARCHAR AS newest FROM {} WHERE kind = 'Pod' GROUP BY ALL",
)
_POD = """
SELECT namespace, name FROM observations WHERE reason = 'BackOff' AND kind = 'Pod' AND day = $day::DATE
GROUP BY ALL ORDER BY count(*) DESC, name LIMIT 1
"""


class Usage(NamedTuple):
    """Resources that a process used. cpu: seconds of all threads."""

    wall: float
    cpu: float
    peak_mb: float = 0.0

    def __str__(self) -> str:
        return f"{self.wall:6.2f} s ({self.cpu:5.2f} s CPU)"


class Comparison(NamedTuple):
    """A command's arguments, the same as a plain query (its name or SQL), and how many times slower it may be."""

    words: tuple[str, ...]
    plain: str
    factor: float = 1.5


def best(times: int, run: Callable[[], Usage]) -> Usage:
    """The minimum of several runs, after one that warms the page cache."""
    usages = [run() for _ in range(times + 1)][1:]
    return Usage(*(min(values) for values in zip(*usages, strict=True)))


def process(words: list[str]) -> Usage:
    """Run a complete process."""
    start = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)} exited with status {os.waitstatus_to_exitcode(status)}")
    return Usage(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def kevents(*words: str) -> list[str]:
    return [sys.executable, "-m", "kevents", *words]


def plain(directory: Path, query: str, values: Mapping[str, str]) -> tuple[Usage, list[list[object]]]:
    """Run a plain query: its time without the start of the process, and its rows."""
    files = directory / "observations" / "*" / "*" / "*.parquet"
    words = [sys.executable, str(_PLAIN), str(files), query, *(f"{key}={value}" for key, value in values.items())]
    output = json.loads(subprocess.check_output(words))
    return Usage(output["wall"], output["cpu"]), output["rows"]


def measure(directory: Path, runs: int) -> dict[str, Usage]:
    """Time and print each comparison on a store. Returns the usage of kevents by name."""
    last = START + timedelta(days=DAYS - 1)
    values = {"day": f"{_SINCE:%F}", "since": f"{_SINCE:%FT%TZ}", "until": f"{_UNTIL:%FT%TZ}", "last": f"{last:%F}"}
    _, (pod,) = plain(directory, _POD, values)
    values |= {"namespace": str(pod[0]), "name": str(pod[1])}
    comparisons = {
        "describe a pod's history": Comparison(
            ("describe", f"pod/{values['name']}", "-n", values["namespace"], "--history", "--offline"), "describe"
        ),
        "reasons of one day": Comparison(("reasons", *_DAY), "reasons of a day"),
        "reasons of all days": Comparison(("reasons",), "reasons"),
        "list --limit 100": Comparison(("list", "--limit", "100"), "list"),
        "histogram of one day": Comparison(("histogram", "--by", "severity", "--bucket", "5m", *_DAY), "histogram"),
    }
    for number, sql in enumerate(_AGGREGATES, 1):
        comparisons[f"query, aggregate {number}"] = Comparison(
            ("query", sql.format("observations")), sql.format("observations"), factor=1.2
        )
    check(directory, values)
    usages = {}
    for name, comparison in comparisons.items():
        words = kevents(*comparison.words, "--as-of", "last", "--store", str(directory))
        query = comparison.plain
        by_hand = best(runs, lambda query=query: plain(directory, query, values)[0])  # type: ignore[misc]
        usage = usages[name] = best(runs, lambda words=words: process(words))  # type: ignore[misc]
        limit = comparison.factor * by_hand.wall + _STARTUP
        print(
            f"  {name:26} {usage} {usage.peak_mb:5.0f} MB | plain DuckDB {by_hand} | without startup "
            f"{max(usage.wall - _STARTUP, 0) / by_hand.wall:5.2f} x | limit {limit:5.2f} s: {_verdict(usage, limit)}",
            flush=True,
        )
    return usages


def _verdict(usage: Usage, limit: float) -> str:
    return "OK" if usage.wall <= limit else f"EXCEEDED by {usage.wall - limit:.2f} s"


def check(directory: Path, values: Mapping[str, str]) -> None:
    """Check that kevents and plain DuckDB return the same counts."""
    for words, query in ((("reasons", *_DAY), "reasons of a day"), (("reasons",), "reasons")):
        command = kevents(*words, "--as-of", "last", "--store", str(directory), "-o", "jsonl")
        lines = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).splitlines()
        ours = {
            row["reason"]: (row["occurrences"], row["objects"], _nonzero(row["trend"]))
            for row in map(json.loads, lines)
        }
        theirs = {row[0]: (row[1], row[2], _nonzero(row[5])) for row in plain(directory, query, values)[1]}
        if different := sorted(ours.items() ^ theirs.items()):
            raise SystemExit(f"{' '.join(words)} and the plain query differ, e.g. {different[0]}")


def _nonzero(trend: object) -> tuple[object, ...]:
    """The values of a trend except zeros, which the plain query does not return."""
    return tuple(filter(None, trend)) if isinstance(trend, list) else ()


def sizes(directory: Path) -> None:
    """Print the bytes per observation, in total and by column."""
    connection = duck.connect()
    files = f"'{directory}/observations/*/*/*.parquet'"
    ((rows, groups),) = connection.execute(
        f"SELECT sum(num_rows)::BIGINT, sum(num_row_groups)::BIGINT FROM parquet_file_metadata({files})"
    ).fetchall()
    columns = connection.execute(
        f"SELECT path_in_schema, sum(total_compressed_size) / $1 AS bytes FROM parquet_metadata({files})"
        " GROUP BY ALL ORDER BY bytes DESC",
        [rows],
    ).fetchall()
    total = sum(path.stat().st_size for path in directory.rglob("*.parquet")) / rows
    print(f"  {rows:,} observations in {groups} row groups: {total:.1f} bytes per observation, limit 40")
    print("   ", ", ".join(f"{name} {size:.2f}" for name, size in columns if size >= 0.005))


def start(runs: int) -> None:
    """Time the commands that must seem instant."""
    print(f"Startup, limit {_MAX_INSTANT} s")
    for words in (("--help",), ("--version",), ("__complete", "rea"), ("__complete", "list", "--sev")):
        usage = best(max(runs, 5), lambda words=words: process(kevents(*words)))  # type: ignore[misc]
        print(f"  {' '.join(words):26} {usage}: {_verdict(usage, _MAX_INSTANT)}")


def reports(directory: Path, dump: Path, runs: int) -> None:
    """Time every report on a store with one large List, with the limits that apply on a terminal."""
    if not (directory / "catalog.json").is_file():
        subprocess.check_call(kevents("import", str(dump), "--store", str(directory), "--cluster", CLUSTER))
    query = "SELECT namespace, name FROM events WHERE kind = 'Pod' GROUP BY ALL ORDER BY sum(count) DESC, name LIMIT 1"
    command = kevents("query", query, "--store", str(directory), "-o", "tsv", "--no-headers")
    namespace, name = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).split()
    pod = (f"pod/{name}", "-n", namespace)
    print(f"Reports on 200,000 events, limit {_MAX_REPORT} s")
    as_of = ("--as-of", "last")
    for words in (
        ("list", "--limit", "1000", *as_of),
        *(("reasons", "--by", by, *as_of) for by in ("reason", "namespace", "severity", "image")),
        ("counts", "--limit", "50", *as_of),
        *((name, *as_of) for name in ("images", "nodes", "overview", "restarts", "rollouts", "timeline", "patterns")),
        ("histogram", "--by", "severity", *as_of),
        ("diff", "--since", "30m", *as_of),
        ("describe", *pod, "--offline", *as_of),
        ("describe", *pod, "--history", "--offline", *as_of),
        ("describe", *pod, "--family", "--offline", *as_of),
        ("correlate", *pod, *as_of),
        ("query", "SELECT reason, count(*) FROM events GROUP BY ALL"),
        ("coverage",),
        ("store", "info"),
    ):
        command = kevents(*words, "--store", str(directory))
        usage = best(runs, lambda command=command: process(command))  # type: ignore[misc]
        print(f"  {' '.join(words)[:48]:48} {usage}: {_verdict(usage, _MAX_REPORT)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1,5,20", help="millions of observations, comma-separated")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--directory", type=Path, help="directory of the stores, which are built if they do not exist")
    parser.add_argument("--dump", type=Path, help="a List of 200,000 events")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kevents-bench-") as scratch:
        directory = options.directory or Path(scratch)
        load, cores = os.getloadavg()[0], os.cpu_count()
        print(f"Load average {load:.1f} on {cores} cores (if it is higher than that, compare CPU seconds only)")
        start(options.runs)
        if options.dump:
            reports(directory / "dump", options.dump, options.runs)
        usages: dict[str, dict[str, Usage]] = {}
        for size in options.sizes.split(","):
            store = directory / f"st{size}"
            large_store(store, int(float(size) * 1_000_000))
            print(f"{size} million observations over {DAYS} days")
            sizes(store)
            for name, usage in measure(store, options.runs).items():
                usages.setdefault(name, {})[size] = usage
        print(f"Growth of the time of the complete process, with {options.sizes} million observations")
        for name, by_size in usages.items():
            print(f"  {name:26} {' '.join(f'{usage.wall:6.2f} s' for usage in by_size.values())}")


if __name__ == "__main__":
    main()
