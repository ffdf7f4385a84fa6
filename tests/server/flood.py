"""A store with a given rate of events. Each line is generated from its version, so nothing is stored."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.server.events import encode, event, line

FIRST = 1_000_000_000  # versions of ten digits, so that all lines have the same length
_PLACEHOLDER = "0123456789"  # of the version in the template
_BATCH = 500


class Flood:
    """Versions FIRST+1, FIRST+2, … at a constant rate from `start` on; all of them at once if the rate is 0."""

    def __init__(self, rate: float, events: int, start: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.compacted = 0
        self._rate, self._events, self._start, self._monotonic = rate, events, start, monotonic
        item = event(f"web-1.18e9e7{_PLACEHOLDER}", "default", f"24c7485a-5423-4c5b-ad73-00{_PLACEHOLDER}")
        item["metadata"]["resourceVersion"] = _PLACEHOLDER
        template = line("ADDED", encode(item)).replace(b"%", b"%%")
        self._template = template.replace(_PLACEHOLDER.encode(), b"%(version)010d")

    @property
    def version(self) -> int:
        passed = self._monotonic() - self._start
        created = self._events if not self._rate else min(int(max(passed, 0) * self._rate), self._events)
        return FIRST + created

    def snapshot(self, version: int | None = None) -> tuple[int, list[tuple[str, bytes]]] | None:
        """An empty list: all events are sent by the watch."""
        return (self.version if self._rate else FIRST) if version is None else version, []

    def exact(self, version: int, namespace: str, name: str) -> list[Any]:
        """The event of a version. Only its own event is ever requested."""
        return [json.loads(self._template % {b"version": version})["object"]]

    def changes(self, after: int, namespace: str | None, wait: float) -> tuple[int, list[bytes]]:
        """The lines after a version, at most 500 at a time."""
        end = self._monotonic() + wait
        while self.version <= after:
            if self._monotonic() >= end:
                return after, []
            time.sleep(min(0.005, wait))
        last = min(self.version, after + _BATCH)
        return last, [self._template % {b"version": version} for version in range(after + 1, last + 1)]
