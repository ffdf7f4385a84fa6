"""Time and memory for compacting the 1,440 one-minute files of a day, once at the end or in rounds as a recorder does.

    python -m tests.bench.compaction_speed

As a baseline, the files are written like sealing does: one per minute, sorted and synced, each with a new catalog.
Compacting once must take less time than writing, and each compaction must take less than 1 GB of memory. In a
recorder's rounds each row is rewritten up to three times, so their total time has no limit here. The start of the
processes is not counted.
"""

from __future__ import annotations

import argparse
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kevents import duck
from kevents.store.rewrite import merge_plan
from kevents.store.rewrite.compact import CompactOptions, compact
from kevents.store.segments import segment
from kevents.store.store import Store
from tests.bench import large_store

_DAY = 10  # of the twenty, so that events of earlier days continue in it
_MIDNIGHT = large_store.START + timedelta(days=_DAY)
_MINUTES = 1440
_MAX_MEMORY = 1000  # MB
_MODULE = "tests.bench.compaction_speed"
_INTERVAL = 10  # minutes between two rounds of a recorder's maintenance


def main() -> None:
    """Print the results. The exit status is 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    hourly = [8_000, 100_000, 700_000]
    parser.add_argument("--hourly", type=int, nargs="*", default=hourly, help="observations per hour")
    parser.add_argument("--most", type=int, default=2_500_000, help="maximum number of observations")
    parser.add_argument("--directory", type=Path, help="working directory; needs up to 150 bytes per observation")
    parser.add_argument("--merge", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.merge:
        _compact(*options.merge)
        return
    is_met = True
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        for hourly in options.hourly:
            print(f"{hourly:,} observations per hour", flush=True)
            for by_hand in (True, False):
                is_met &= _measure(Path(directory) / "store", hourly, options.most, by_hand=by_hand)
    sys.exit(0 if is_met else 1)


def _measure(directory: Path, hourly: int, maximum: int, *, by_hand: bool) -> bool:
    """by_hand: compact once at the end, rather than in a recorder's rounds."""
    store, compactions = Store(directory), _Compactions()
    store.create()
    connection = _generated(directory.parent / "spill", min(hourly * 24, maximum), hourly / 60)
    ((minutes,),) = connection.execute("SELECT max(minute) FROM by_time").fetchall()
    writing = 0.0
    for minute in range(min(minutes, _MINUTES)):
        now = _MIDNIGHT + timedelta(minutes=minute)
        start = time.perf_counter()
        _write(store, connection, minute)
        writing += time.perf_counter() - start
        if not by_hand and minute % _INTERVAL == 0 and merge_plan.due(store.files(), now):
            compactions.run(directory, now)
    connection.close()
    before = _summary(store)
    compactions.run(directory, _MIDNIGHT + timedelta(days=1, hours=3), by_hand=by_hand)
    seconds = compactions.seconds
    mode = "once" if by_hand else f"in {compactions.rounds} rounds of a recorder"
    is_met = compactions.peak < _MAX_MEMORY and (seconds < writing or not by_hand)
    times = f"writing took {writing:.1f} s, compacting {seconds:.1f} s ({seconds / writing:.2f}x)"
    print(f"  {mode}: {times}; peak {compactions.peak:.0f} MB{'' if is_met else ': LIMIT EXCEEDED'}")
    print(f"    {before} became {_summary(store)}", flush=True)
    shutil.rmtree(directory)
    return is_met


def _generated(spill: Path, observations: int, per_minute: float) -> duck.Connection:
    """A connection with the table `by_time`: about that many observations of a day by time, numbered by minute."""
    connection = duck.connect(memory="6GB", spill=str(spill))
    large_store.generate(connection, observations * large_store.DAYS / large_store.PER_POD, _DAY)
    connection.execute(
        f"""
        CREATE TABLE by_time AS
        SELECT *, floor((row_number() OVER (ORDER BY last_seen) - 1) / {per_minute})::BIGINT AS minute
        FROM generated ORDER BY minute
        """
    )
    connection.execute("DROP TABLE generated")
    return connection


def _write(store: Store, connection: duck.Connection, minute: int) -> None:
    rows = f"SELECT {segment.COLUMNS} FROM by_time WHERE minute = $1"
    with store.writing(lambda _: None):
        target = (large_store.CLUSTER, _MIDNIGHT.date(), store.staging, secrets.token_hex(8))
        store.publish([segment.write_rows(connection, rows, [minute], target)])


@dataclass
class _Compactions:
    """Compactions, each in its own process. seconds: in total; peak: the highest memory of one of them, in MB."""

    seconds: float = 0.0
    peak: float = 0.0
    rounds: int = 0

    def run(self, directory: Path, now: datetime, *, by_hand: bool = False) -> None:
        command = [
            sys.executable,
            "-m",
            _MODULE,
            "--merge",
            str(directory),
            now.isoformat(),
            "by hand" if by_hand else "",
        ]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        seconds, peak = map(float, child.communicate()[0].split())
        self.seconds += seconds
        self.peak = max(self.peak, peak)
        self.rounds += 1


def _compact(directory: str, now: str, by_hand: str) -> None:
    """Compact the store, and print the seconds and the peak memory in MB."""
    start = time.perf_counter()
    compact(Store(Path(directory)), CompactOptions(by_hand=bool(by_hand)), datetime.fromisoformat(now))
    seconds = time.perf_counter() - start
    # not from wait4 in the parent, whose own memory counts for the child until it executes its program
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(seconds, int(peak) * 1024 / 1e6)


def _summary(store: Store) -> str:
    files = store.files()
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    noun = "file" if len(files) == 1 else "files"
    return f"{len(files):,} {noun} with {rows:,} observations ({size / 1e6:,.1f} MB, {size / rows:.1f} bytes each)"


if __name__ == "__main__":
    main()
