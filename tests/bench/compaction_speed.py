"""`python -m tests.bench.compaction_speed`: the 1,440 one-minute files of a day, merged by hand and as a recorder does.

Writing is the least that sealing does, with rows that are decoded already: for each minute a file, sorted and synced,
and a catalog with it. Merging by hand must take less time than that, and all merging less than 1 GB of memory. Beside a
recorder each row is rewritten up to three times, so the sum of its rounds is told without a bar. Nothing counts the
start of a process, of which sealing needs one for each file.
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
from tests.bench import years

_DAY = 10  # of the twenty: what began on days before goes on in it
_MIDNIGHT = years.START + timedelta(days=_DAY)
_MINUTES = 1440
_MOST = 1000  # MB of memory
_SELF = "tests.bench.compaction_speed"
_EVERY = 10  # minutes between two rounds of a recorder's upkeep


def main() -> None:
    """Print what was measured; status 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hourly", type=int, nargs="*", default=[8_000, 100_000, 700_000], help="observations an hour")
    parser.add_argument("--most", type=int, default=2_500_000, help="observations at most, however short the day")
    parser.add_argument("--directory", type=Path, help="where to work; takes up to 150 bytes an observation")
    parser.add_argument("--merge", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.merge:
        _compacted(*options.merge)
        return
    met = True
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        for hourly in options.hourly:
            print(f"{hourly:,} observations an hour", flush=True)
            for by_hand in (True, False):
                met &= _measure(Path(directory) / "store", hourly, options.most, by_hand=by_hand)
    sys.exit(0 if met else 1)


def _measure(directory: Path, hourly: int, most: int, *, by_hand: bool) -> bool:
    store, merging = Store(directory), _Merging()
    store.create()
    connection = _invented(directory.parent / "spill", min(hourly * 24, most), hourly / 60)
    ((minutes,),) = connection.execute("SELECT max(minute) FROM by_time").fetchall()
    writing = 0.0
    for minute in range(min(minutes, _MINUTES)):
        now = _MIDNIGHT + timedelta(minutes=minute)
        began = time.perf_counter()
        _write(store, connection, minute)
        writing += time.perf_counter() - began
        if not by_hand and minute % _EVERY == 0 and merge_plan.due(store.files(), now):
            merging.run(directory, now)
    connection.close()
    before = _holds(store)
    merging.run(directory, _MIDNIGHT + timedelta(days=1, hours=3), by_hand=by_hand)
    who = "by hand" if by_hand else f"beside a recorder, {merging.rounds} rounds"
    met = merging.peak < _MOST and (merging.took < writing or not by_hand)
    told = f"writing took {writing:.1f} s, merging {merging.took:.1f} s, {merging.took / writing:.2f} times that"
    print(f"  {who}: {told}; peak {merging.peak:.0f} MB{'' if met else ': MISSED'}")
    print(f"    {before} became {_holds(store)}", flush=True)
    shutil.rmtree(directory)
    return met


def _invented(spill: Path, observations: int, of_minute: float) -> duck.Connection:
    """About so many of a day, in the order in which a recorder would take them, so many a minute."""
    connection = duck.connect(memory="6GB", spill=str(spill))
    years.invent(connection, observations * years.DAYS / years.OF_POD, _DAY)
    connection.execute(
        f"""
        CREATE TABLE by_time AS
        SELECT *, floor((row_number() OVER (ORDER BY last_seen) - 1) / {of_minute})::BIGINT AS minute
        FROM invented ORDER BY minute
        """
    )
    connection.execute("DROP TABLE invented")
    return connection


def _write(store: Store, connection: duck.Connection, minute: int) -> None:
    rows = f"SELECT {segment.COLUMNS} FROM by_time WHERE minute = $1"
    with store.writing(lambda _: None):
        place = (years.CLUSTER, _MIDNIGHT.date(), store.staging, secrets.token_hex(8))
        store.publish([segment.write_rows(connection, rows, [minute], place)])


@dataclass
class _Merging:
    """Compactions, each in a process of its own. took: seconds in all; peak: MB of the one that took most."""

    took: float = 0.0
    peak: float = 0.0
    rounds: int = 0

    def run(self, directory: Path, now: datetime, *, by_hand: bool = False) -> None:
        command = [
            sys.executable,
            "-m",
            _SELF,
            "--merge",
            str(directory),
            now.isoformat(),
            "by hand" if by_hand else "",
        ]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        took, peak = map(float, child.communicate()[0].split())
        self.took += took
        self.peak = max(self.peak, peak)
        self.rounds += 1


def _compacted(directory: str, now: str, by_hand: str) -> None:
    """Compact the store, and say how many seconds it took, and how many MB at most."""
    began = time.perf_counter()
    compact(Store(Path(directory)), CompactOptions(by_hand=bool(by_hand)), datetime.fromisoformat(now))
    took = time.perf_counter() - began
    # wait4 would tell of the parent's memory, which counts until the child's program begins
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(took, int(peak) * 1024 / 1e6)


def _holds(store: Store) -> str:
    files = store.files()
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    return f"{len(files):,} files of {rows:,} observations ({size / 1e6:,.1f} MB, {size / rows:.1f} bytes each)"


if __name__ == "__main__":
    main()
