"""How fast a store of years answers, beside the best plain DuckDB on the same files, and how large it is.

    python -m tests.bench.store_speed [--sizes 1,5,20] [--runs 3] [--directory DIR] [--dump DUMP]

For each size, in millions of observations over 20 days, a store is built (below --directory, where it stays) in the layout
that a recorder's upkeep leaves. kevents is timed as a whole process; the query by hand (plain.py) runs in a fresh
process as well, and is timed without its start: that is what the bar adds 0.4 s for. All turn by turn in one run; the
least counts, for what else a machine does can only add to it. CPU seconds are those of all threads.

--dump: a List of 200,000 events, of which every report is asked as a terminal asks it.
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
from tests.bench.years import CLUSTER, DAYS, START, years

_PLAIN = Path(__file__).with_name("plain.py")
_START = 0.4  # seconds
_REPORT = 0.8
_AT_ONCE = 0.12
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


class Took(NamedTuple):
    wall: float
    cpu: float
    peak_mb: float = 0.0

    def __str__(self) -> str:
        return f"{self.wall:6.2f} s ({self.cpu:5.2f} s of CPU)"


class Line(NamedTuple):
    """A question both ways: a command's words, a plain query's name or SQL, and how many times slower it may be."""

    words: tuple[str, ...]
    plain: str
    factor: float = 1.5


def best(times: int, run: Callable[[], Took]) -> Took:
    """The least of several runs, after one that warms the page cache."""
    took = [run() for _ in range(times + 1)][1:]
    return Took(*(min(values) for values in zip(*took, strict=True)))


def process(words: list[str]) -> Took:
    """A whole process."""
    began = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)} ended with status {os.waitstatus_to_exitcode(status)}")
    return Took(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def kevents(*words: str) -> list[str]:
    return [sys.executable, "-m", "kevents", *words]


def plain(directory: Path, query: str, values: Mapping[str, str]) -> tuple[Took, list[list[object]]]:
    """A query by hand: what it took without its start, and its rows."""
    files = directory / "observations" / "*" / "*" / "*.parquet"
    words = [sys.executable, str(_PLAIN), str(files), query, *(f"{key}={value}" for key, value in values.items())]
    told = json.loads(subprocess.check_output(words))
    return Took(told["wall"], told["cpu"]), told["rows"]


def measure(directory: Path, runs: int) -> dict[str, Took]:
    """Time each line on a store, print it, and say what kevents took."""
    last = START + timedelta(days=DAYS - 1)
    values = {"day": f"{_SINCE:%F}", "since": f"{_SINCE:%FT%TZ}", "until": f"{_UNTIL:%FT%TZ}", "last": f"{last:%F}"}
    _, (pod,) = plain(directory, _POD, values)
    values |= {"namespace": str(pod[0]), "name": str(pod[1])}
    lines = {
        "describe a pod's history": Line(
            ("describe", f"pod/{values['name']}", "-n", values["namespace"], "--history", "--offline"), "describe"
        ),
        "reasons of one day": Line(("reasons", *_DAY), "reasons of a day"),
        "reasons of all days": Line(("reasons",), "reasons"),
        "list --limit 100": Line(("list", "--limit", "100"), "list"),
        "histogram of one day": Line(("histogram", "--by", "severity", "--bucket", "5m", *_DAY), "histogram"),
    }
    for number, sql in enumerate(_AGGREGATES, 1):
        lines[f"query, aggregate {number}"] = Line(
            ("query", sql.format("observations")), sql.format("observations"), factor=1.2
        )
    check(directory, values)
    found = {}
    for name, line in lines.items():
        words = kevents(*line.words, "--as-of", "last", "--store", str(directory))
        hand = best(runs, lambda line=line: plain(directory, line.plain, values)[0])  # type: ignore[misc]
        took = found[name] = best(runs, lambda words=words: process(words))  # type: ignore[misc]
        bar = line.factor * hand.wall + _START
        print(
            f"  {name:26} {took} {took.peak_mb:5.0f} MB | by hand {hand} | beyond the start "
            f"{max(took.wall - _START, 0) / hand.wall:5.2f} x | bar {bar:5.2f} s: "
            f"{'held' if took.wall <= bar else f'MISSED by {took.wall - bar:.2f} s'}",
            flush=True,
        )
    return found


def check(directory: Path, values: Mapping[str, str]) -> None:
    """Both ways must count the same."""
    for words, query in ((("reasons", *_DAY), "reasons of a day"), (("reasons",), "reasons")):
        command = kevents(*words, "--as-of", "last", "--store", str(directory), "-o", "jsonl")
        asked = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).splitlines()
        ours = {
            row["reason"]: (row["occurrences"], row["objects"], _happened(row["trend"]))
            for row in map(json.loads, asked)
        }
        theirs = {row[0]: (row[1], row[2], _happened(row[5])) for row in plain(directory, query, values)[1]}
        if different := sorted(ours.items() ^ theirs.items()):
            raise SystemExit(f"{' '.join(words)} and the query by hand differ, as in {different[0]}")


def _happened(trend: object) -> tuple[object, ...]:
    """The slots of a trend in which anything was, for a query by hand has no others."""
    return tuple(filter(None, trend)) if isinstance(trend, list) else ()


def sizes(directory: Path) -> None:
    """Bytes an observation, in all and by column."""
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
    whole = sum(path.stat().st_size for path in directory.rglob("*.parquet")) / rows
    print(f"  {rows:,} observations in {groups} row groups: {whole:.1f} bytes an observation, bar 40")
    print("   ", ", ".join(f"{name} {size:.2f}" for name, size in columns if size >= 0.005))


def start(runs: int) -> None:
    """What must never wait."""
    print(f"Start, bar {_AT_ONCE} s")
    for words in (("--help",), ("--version",), ("__complete", "rea"), ("__complete", "list", "--sev")):
        took = best(max(runs, 5), lambda words=words: process(kevents(*words)))  # type: ignore[misc]
        print(f"  {' '.join(words):26} {took}: {'held' if took.wall <= _AT_ONCE else 'MISSED'}")


def reports(directory: Path, dump: Path, runs: int) -> None:
    """Every report on a store of one large List, as a terminal asks it: with a limit where one applies there."""
    if not (directory / "catalog.json").is_file():
        subprocess.check_call(kevents("import", str(dump), "--store", str(directory), "--cluster", CLUSTER))
    query = "SELECT namespace, name FROM events WHERE kind = 'Pod' GROUP BY ALL ORDER BY sum(count) DESC, name LIMIT 1"
    command = kevents("query", query, "--store", str(directory), "-o", "tsv", "--no-headers")
    namespace, name = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).split()
    pod = (f"pod/{name}", "-n", namespace)
    print(f"Reports on 200,000 events, bar {_REPORT} s")
    as_of = ("--as-of", "last")
    for words in (
        ("list", "--limit", "1000", *as_of),
        *(("reasons", "--by", by, *as_of) for by in ("reason", "namespace", "severity", "image")),
        ("counts", "--limit", "50", *as_of),
        *((one, *as_of) for one in ("images", "nodes", "overview", "restarts", "rollouts", "timeline", "patterns")),
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
        asked = kevents(*words, "--store", str(directory))
        took = best(runs, lambda asked=asked: process(asked))  # type: ignore[misc]
        told = "held" if took.wall <= _REPORT else f"MISSED by {took.wall - _REPORT:.2f} s"
        print(f"  {' '.join(words)[:48]:48} {took}: {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1,5,20", help="millions of observations, with commas")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--directory", type=Path, help="where the stores are, or are built and stay")
    parser.add_argument("--dump", type=Path, help="a List of 200,000 events")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kevents-bench-") as scratch:
        directory = options.directory or Path(scratch)
        print(f"Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: beyond them, only CPU seconds tell")
        start(options.runs)
        if options.dump:
            reports(directory / "dump", options.dump, options.runs)
        grown: dict[str, dict[str, Took]] = {}
        for size in options.sizes.split(","):
            store = directory / f"st{size}"
            years(store, int(float(size) * 1_000_000))
            print(f"{size} million observations of {DAYS} days")
            sizes(store)
            for name, took in measure(store, options.runs).items():
                grown.setdefault(name, {})[size] = took
        print(f"Growth, whole process, with {options.sizes} million")
        for name, by_size in grown.items():
            print(f"  {name:26} {' '.join(f'{took.wall:6.2f} s' for took in by_size.values())}")


if __name__ == "__main__":
    main()
