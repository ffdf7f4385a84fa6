"""How fast a watch is received: `python -m tests.bench.watch_speed [--events 300000] [--rate 0]`.

A scripted server in a process of its own sends every event as a chunk of its own, as API servers do. With a rate, the
time from an event to its observation is measured too.
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
    """Print events a second, memory, and what was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--listed", action="store_true", help="list that many events instead")
    options = parser.parse_args()
    what = ["--listed", str(options.events)] if options.listed else ["--events", str(options.events)]
    command = [sys.executable, "-m", "tests.server", *what, "--rate", str(options.rate), "--delay", "1"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        received(server.stdout.readline().strip(), options.events, listed=options.listed)
    finally:
        server.kill()


def received(url: str, events: int, *, listed: bool) -> None:
    """Take so many events from the server and say how that went."""
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "config"
        config.write_text(
            "current-context: it\ncontexts: [{name: it, context: {cluster: it}}]\n"
            f"clusters: [{{name: it, cluster: {{server: '{url}'}}}}]\n"
        )
        around = Environment({}, Path(directory), lambda: datetime.now(UTC))
        kube = connect(Flags(kubeconfig=config), around)
    watcher = Watcher(kube, WatchOptions(follow=not listed), Clock(around.now))
    count = size = 0
    versions: set[int] = set()
    began = time.monotonic()
    for signal in watcher:
        if isinstance(signal, Observations):
            count += len(signal.documents)
            size += sum(map(len, signal.documents))
            versions.update(int(found[1]) for one in signal.documents[-1:] if (found := _VERSION.search(one)))
            if count >= events:
                break
        elif isinstance(signal, ListDone) and not listed:
            began = time.monotonic()
    took = time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} events, {size / 1e6:.0f} MB in {took:.2f} s: {count / took:,.0f}/s, {memory:.0f} MB")
    if not listed and (count != events or max(versions) != FIRST + events):
        sys.exit("some were lost or came twice")


if __name__ == "__main__":
    main()
