"""Throughput and memory of receiving a watch or a list.

    python -m tests.bench.watch_speed [--events 300000] [--rate 0] [--listed]

A scripted server in another process sends each event as a separate HTTP chunk, as API servers do.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from kevents.source.cluster.backoff import Clock
from kevents.source.cluster.client import Environment, Flags, connect
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import ListDone, Observations
from kevents.source.cluster.watcher import Watcher
from tests.server.flood import FIRST

_VERSION = re.compile(rb'"resourceVersion":"(\d+)"')


def main() -> None:
    """Print events per second and memory. The exit status is 1 if events are lost or duplicated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rate", type=float, default=0, help="events per second; 0 for no limit")
    parser.add_argument("--listed", action="store_true", help="receive the events in a list instead of a watch")
    options = parser.parse_args()
    flags = ["--listed", str(options.events)] if options.listed else ["--events", str(options.events)]
    command = [sys.executable, "-m", "tests.server", *flags, "--rate", str(options.rate), "--delay", "1"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        receive(server.stdout.readline().strip(), options.events, listed=options.listed)
    finally:
        server.kill()


def receive(url: str, events: int, *, listed: bool) -> None:
    """Receive the events from the server, and print the results."""
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "config"
        config.write_text(
            "current-context: it\ncontexts: [{name: it, context: {cluster: it}}]\n"
            f"clusters: [{{name: it, cluster: {{server: '{url}'}}}}]\n"
        )
        environment = Environment({}, Path(directory), lambda: datetime.now(UTC))
        kube = connect(Flags(kubeconfig=config), environment)
    watcher = Watcher(kube, WatchOptions(follow=not listed), Clock(environment.now))
    count = size = 0
    newest = 0
    start = time.monotonic()
    for signal in watcher:
        if isinstance(signal, Observations):
            count += len(signal.documents)
            size += sum(map(len, signal.documents))
            if signal.documents and (version := _VERSION.search(signal.documents[-1])):
                newest = max(newest, int(version[1]))
            if count >= events:
                break
        elif isinstance(signal, ListDone) and not listed:
            start = time.monotonic()
    seconds = time.monotonic() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} events, {size / 1e6:.0f} MB in {seconds:.2f} s: {count / seconds:,.0f}/s, {memory:.0f} MB")
    if not listed and (count != events or newest != FIRST + events):
        sys.exit("events were lost or duplicated")


if __name__ == "__main__":
    main()
