"""Throughput, memory and latency of a recorder process against a scripted server.

    python -m tests.bench.record_speed

First a fast stream, of which no event may be lost. Then a slow stream, for the time between an event and its line in
the journal being synced and readable.
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
    """Print the results. The exit status is 1 if an event is lost."""
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
        start = None
        while running.events() < events and time.monotonic() < end:
            start = start or (time.monotonic() if running.events() else None)
            peak = max(peak, running.memory())
            time.sleep(0.2)
        elapsed = time.monotonic() - (start or time.monotonic())
        running.stop()
    stored = running.stored()
    print(f"{rate:,.0f}/s for {seconds:.0f} s: stored {stored:,} of {events:,} in {elapsed:.1f} s; peak {peak:.0f} MB")
    return stored == events


def _latency(directory: Path, rate: float, seconds: float) -> bool:
    """Measure latency by polling the journal: the n-th event happens n / rate seconds after the first."""
    events = int(rate * seconds)
    starts: list[float] = []
    with _Running(directory, rate, events) as running:
        seen, first = 0, 0.0
        end = time.monotonic() + seconds + 30
        while seen < events and time.monotonic() < end:
            newest, now = running.newest(), time.monotonic()
            if newest > seen:
                # the minimum of these, for an event without latency, is the start time of the stream
                starts += [now - number / rate for number in range(seen + 1, newest + 1)]
                seen = newest
            time.sleep(0.005)
        first = min(starts)
        running.stop()
    latencies = sorted(start - first for start in starts)
    p50, p99 = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]
    print(f"{rate:,.0f}/s: {seen:,} of {events:,}; latency p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
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
        start = time.monotonic()
        status = self._recorder.wait(30)
        print(f"  stopped in {time.monotonic() - start:.1f} s with status {status}")

    def events(self) -> int:
        """The number of events that the recorder reports."""
        from kevents.store.journal.recorder_state import recorders

        (events,) = [state.events for _, state, _ in recorders(self._directory / "store") if state] or [0]
        return events

    def memory(self) -> float:
        """Peak resident memory in MB."""
        status = Path(f"/proc/{self._recorder.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def newest(self) -> int:
        """The number of the newest event in the journal."""
        for path in sorted((self._directory / "store").glob("journal/*/*.ndjson"))[-1:]:
            with path.open("rb") as journal:
                journal.seek(self._offsets.get(path, 0))
                versions = _VERSION.findall(journal.read())
                self._offsets[path] = max(journal.tell() - 4000, 0)
            self._newest = max([self._newest, *(int(version) - FIRST for version in versions)])
        return self._newest

    def stored(self) -> int:
        """The number of observations in the store; negative if some are duplicates."""
        command = [sys.executable, "-m", "kevents", "query", "-o", "tsv", "--no-headers"]
        sql = "SELECT count(DISTINCT resource_version), count(*) FROM observations"
        output = subprocess.run([*command, sql], env=self._env, capture_output=True, text=True, check=True).stdout
        distinct, rows = map(int, output.split())
        return distinct if distinct == rows else -rows


if __name__ == "__main__":
    main()
