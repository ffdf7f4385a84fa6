"""Upkeep beside a recorder: every few minutes a child process, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from kevents.store.child import Child
from kevents.upkeep.rules import Rules

_FIRST = timedelta(minutes=1)  # after the start: who is started every few minutes has upkeep as well
_PAUSE = timedelta(minutes=10)  # between the end of a round and the next


class Beside:
    """The upkeep of a recorder's cluster. failed: told why a round failed; the next one comes all the same."""

    def __init__(
        self, folder: Path, cluster: str, rules: Rules, now: Callable[[], datetime], failed: Callable[[str], None]
    ) -> None:
        self._arguments = str(folder), cluster, rules.written()
        self._now = now
        self._failed = failed
        self._next = now() + _FIRST
        self._child: Child | None = None

    def look(self) -> None:
        """See what became of the last round, and begin one if it is time to; returns at once."""
        if self._child is not None:
            if self._child.is_running:
                return
            error, self._child = self._child.error("upkeep"), None
            self._next = self._now() + _PAUSE
            if error:
                self._failed(error)
        elif self._now() >= self._next:
            self._begin()

    def close(self) -> None:
        """End a round that is at work: it may be killed at any moment, and the next goes on from there."""
        if self._child is not None:
            self._child.stop()

    def _begin(self) -> None:
        try:
            self._child = Child("kevents.upkeep.round", *self._arguments)
        except OSError as error:
            self._next = self._now() + _PAUSE
            self._failed(f"it cannot be started: {error.strerror}")
