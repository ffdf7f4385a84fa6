"""Upkeep beside a recorder: every few minutes a look, and where something is due a child process, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from kevents.errors import KeventsError
from kevents.maintenance.due import is_due
from kevents.maintenance.retention import Rules
from kevents.maintenance.round_result import RoundResult
from kevents.store import catalog
from kevents.worker_process import WorkerProcess

_FIRST = timedelta(minutes=1)  # after the start, when what was left by the last recorder is sealed
_PAUSE = timedelta(minutes=10)  # between the end of a round and the next


class BackgroundMaintenance:
    """The upkeep of a recorder's cluster. ended: told what each round did, or why it failed; the next one comes."""

    def __init__(
        self,
        directory: Path,
        cluster: str,
        rules: Rules,
        now: Callable[[], datetime],
        ended: Callable[[RoundResult], None],
    ) -> None:
        self._directory = directory
        self._cluster = cluster
        self._rules = rules
        self._now = now
        self._ended = ended
        self._next = now() + _FIRST
        self._child: WorkerProcess | None = None

    def look(self) -> None:
        """See what became of the last round, and begin one if it is time to; returns at once."""
        if self._child is None:
            if self._now() >= self._next:
                self._begin()
        elif not self._child.is_running:
            self._end(self._child)

    def finish(self) -> None:
        """One more round, to its end: for a recorder that ends before its first."""
        self.close()
        self._begin()
        if self._child is not None:
            self._child.wait(None)
            self._end(self._child)

    def close(self) -> None:
        """End a round that is at work: it may be killed at any moment, and the next goes on from there."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def _begin(self) -> None:
        try:
            if is_due(catalog.read(self._directory), self._cluster, self._rules, self._now()):
                rules = self._rules.written()
                self._child = WorkerProcess("kevents.maintenance.round", str(self._directory), self._cluster, rules)
            else:
                self._tell(RoundResult())
        except KeventsError as error:
            self._tell(RoundResult(failures=[str(error)]))
        except OSError as error:
            self._tell(RoundResult(failures=[f"it cannot be started: {error.strerror}"]))

    def _end(self, child: WorkerProcess) -> None:
        self._child = None
        said, error = child.ended("upkeep")
        self._tell(RoundResult(failures=[error]) if error else RoundResult.read(said))

    def _tell(self, outcome: RoundResult) -> None:
        self._next = self._now() + _PAUSE
        self._ended(outcome)
