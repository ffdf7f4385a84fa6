"""`python -m tests.server --rate 20000 --seconds 60`: a server by itself, for benchmarks; prints its URL."""

from __future__ import annotations

import argparse
import contextlib
import time

from tests.server.etcd import Etcd
from tests.server.flood import Flood
from tests.server.server import Server


def main() -> None:
    """Serve until the input is closed or the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0, help="events a second; 0 for all at once")
    parser.add_argument("--seconds", type=float, default=60, help="how long events happen")
    parser.add_argument("--events", type=int, help="how many events happen, instead of --seconds")
    parser.add_argument("--delay", type=float, default=0, help="seconds until the first")
    parser.add_argument("--listed", type=int, help="instead: so many events to list, and a quiet watch")
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
