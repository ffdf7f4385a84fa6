"""`python -m tests.bench.record_speed`: a recorder process against a scripted server: speed, memory, latency to disk.

First so many events a second for so long, with no loss; then a slow stream, for the time from the moment that an event
happens to the moment that its line in the journal is synced and readable.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.server.flood import FIRST

_VERSION = re.compile(rb'"resourceVersion":"(\d{10})"')


def main() -> None:
    """Print what was measured; status 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=20_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--slow-rate", type=float, default=100)
    parser.add_argument("--slow-seconds", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        fast = _sustained(Path(directory) / "fast", options.rate, options.seconds)
        slow = _latency(Path(directory) / "slow", options.slow_rate, options.slow_seconds)
    sys.exit(0 if fast and slow else 1)


def _sustained(directory: Path, rate: float, seconds: float) -> bool:
    events = int(rate * seconds)
    with _Running(directory, rate, events) as running:
        end = time.monotonic() + seconds + 60
        peak = 0.0
        began = None
        while running.events() < events and time.monotonic() < end:
            began = began or (time.monotonic() if running.events() else None)
            peak = max(peak, running.memory())
            time.sleep(0.2)
        took = time.monotonic() - (began or time.monotonic())
        running.stop()
    stored = running.stored()
    print(
        f"{rate:,.0f}/s for {seconds:.0f} s: {stored:,} of {events:,} stored, taken in {took:.1f} s; peak {peak:.0f} MB"
    )
    return stored == events


def _latency(directory: Path, rate: float, seconds: float) -> bool:
    """The server's n-th event happens n / rate seconds after the first: looking at the journal tells how late it is."""
    events = int(rate * seconds)
    lags: list[float] = []
    with _Running(directory, rate, events) as running:
        seen, first = 0, 0.0
        end = time.monotonic() + seconds + 30
        while seen < events and time.monotonic() < end:
            newest, moment = running.newest(), time.monotonic()
            if newest > seen:
                # where none is late the first is at its moment: the least of all differences is the beginning
                lags += [moment - number / rate for number in range(seen + 1, newest + 1)]
                seen = newest
            time.sleep(0.005)
        first = min(lags)
        running.stop()
    late = sorted(lag - first for lag in lags)
    p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
    print(f"{rate:,.0f}/s: {seen:,} of {events:,}; to disk p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
    return seen == events


class _Running:
    """A server process and a recorder process."""

    def __init__(self, directory: Path, rate: float, events: int) -> None:
        directory.mkdir()
        self._directory, self._rate, self._events = directory, rate, events
        self._offsets: dict[Path, int] = {}
        self._newest = 0

    def __enter__(self) -> _Running:
        serve = ["-m", "tests.server", "--rate", str(self._rate), "--events", str(self._events), "--delay", "3"]
        self._server = subprocess.Popen([sys.executable, *serve], stdout=subprocess.PIPE, text=True)
        assert self._server.stdout is not None
        url = self._server.stdout.readline().strip()
        config = self._directory / "config"
        config.write_text(
            "current-context: it\ncontexts: [{name: it, context: {cluster: it}}]\n"
            f"clusters: [{{name: it, cluster: {{server: '{url}'}}}}]\n"
        )
        self._env = os.environ | {"KUBECONFIG": str(config), "KEVENTS_STORE": str(self._directory / "store")}
        command = [sys.executable, "-m", "kevents", "record", "-A"]
        self._recorder = subprocess.Popen(command, env=self._env, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self._recorder.kill()
        self._server.kill()
        self._server.communicate()

    def stop(self) -> None:
        self._recorder.send_signal(signal.SIGTERM)
        began = time.monotonic()
        status = self._recorder.wait(30)
        print(f"  stopped in {time.monotonic() - began:.1f} s with status {status}")

    def events(self) -> int:
        """How many the recorder says it has."""
        from kevents.store.journal.recorder_state import recorders

        (told,) = [state.events for _, state, _ in recorders(self._directory / "store") if state] or [0]
        return told

    def memory(self) -> float:
        """Resident, in MB, at its highest."""
        status = Path(f"/proc/{self._recorder.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def newest(self) -> int:
        """The number of the newest event in the journal."""
        for path in sorted((self._directory / "store").glob("journal/*/*.ndjson"))[-1:]:
            with path.open("rb") as journal:
                journal.seek(self._offsets.get(path, 0))
                found = _VERSION.findall(journal.read())
                self._offsets[path] = max(journal.tell() - 4000, 0)
            self._newest = max([self._newest, *(int(version) - FIRST for version in found)])
        return self._newest

    def stored(self) -> int:
        """How many distinct versions the store has."""
        command = [sys.executable, "-m", "kevents", "query", "-o", "tsv", "--no-headers"]
        sql = "SELECT count(DISTINCT resource_version), count(*) FROM observations"
        told = subprocess.run([*command, sql], env=self._env, capture_output=True, text=True, check=True).stdout
        distinct, rows = map(int, told.split())
        return distinct if distinct == rows else -rows


if __name__ == "__main__":
    main()
