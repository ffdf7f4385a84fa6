"""A cluster where so many events happen a second: every line follows from its version, so nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.server.events import encode, event, line

FIRST = 1_000_000_000  # versions of ten digits: all lines are equally long
_NUMBER = "0123456789"
_LOT = 500


class Flood:
    """Versions FIRST+1, FIRST+2, … at a steady rate from `start` on; rate 0 for all of them at once."""

    def __init__(self, rate: float, events: int, start: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.compacted = 0
        self._rate, self._events, self._start, self._monotonic = rate, events, start, monotonic
        made = event(f"web-1.18e9e7{_NUMBER}", "default", f"24c7485a-5423-4c5b-ad73-00{_NUMBER}")
        made["metadata"]["resourceVersion"] = _NUMBER
        self._template = line("ADDED", encode(made)).replace(b"%", b"%%").replace(_NUMBER.encode(), b"%(n)010d")

    @property
    def version(self) -> int:
        passed = self._monotonic() - self._start
        done = self._events if not self._rate else min(int(max(passed, 0) * self._rate), self._events)
        return FIRST + done

    def snapshot(self, version: int | None = None) -> tuple[int, list[tuple[str, bytes]]] | None:
        """An empty list: everything comes through the watch."""
        return (self.version if self._rate else FIRST) if version is None else version, []

    def changes(self, after: int, namespace: str | None, wait: float) -> tuple[int, list[bytes]]:
        """The lines behind a version, some hundreds at a time."""
        until = self._monotonic() + wait
        while self.version <= after:
            if self._monotonic() >= until:
                return after, []
            time.sleep(min(0.005, wait))
        reached = min(self.version, after + _LOT)
        return reached, [self._template % {b"n": number} for number in range(after + 1, reached + 1)]
