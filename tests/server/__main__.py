"""`python -m tests.server --rate 20000 --seconds 60`: a standalone server for benchmarks, which prints its URL."""

from __future__ import annotations

import argparse
import contextlib
import time

from tests.server.etcd import Etcd
from tests.server.flood import Flood
from tests.server.server import Server


def main() -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0, help="events per second; 0 for all at once")
    parser.add_argument("--seconds", type=float, default=60, help="how long events are created")
    parser.add_argument("--events", type=int, help="the number of events, instead of --seconds")
    parser.add_argument("--delay", type=float, default=0, help="seconds until the first event")
    parser.add_argument("--listed", type=int, help="instead: the number of events to list, and a watch without events")
    options = parser.parse_args()
    if options.listed is not None:
        etcd = Etcd()
        etcd.add(options.listed)
        server = Server(etcd, options.port)
    else:
        events = options.events if options.events is not None else int(options.rate * options.seconds)
        server = Server(Flood(options.rate, events, time.monotonic() + options.delay), options.port)
    with server, contextlib.suppress(KeyboardInterrupt):
        print(server.url, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
