"""Maintenance in the background of a recorder: every few minutes, a worker process prunes and compacts if needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from kevents.errors import KeventsError
from kevents.maintenance.due import is_due
from kevents.maintenance.retention import RetentionRules
from kevents.maintenance.round_result import RoundResult
from kevents.store import catalog
from kevents.worker_process import WorkerProcess

_FIRST_DELAY = timedelta(minutes=1)  # until the journal of the previous recorder is sealed
_INTERVAL = timedelta(minutes=10)  # from the end of a round to the next


class BackgroundMaintenance:
    """Maintains the cluster of a recorder. on_result: called after each round, even if it failed."""

    def __init__(
        self,
        directory: Path,
        cluster: str,
        rules: RetentionRules,
        now: Callable[[], datetime],
        on_result: Callable[[RoundResult], None],
    ) -> None:
        self._directory = directory
        self._cluster = cluster
        self._rules = rules
        self._now = now
        self._on_result = on_result
        self._next = now() + _FIRST_DELAY
        self._worker: WorkerProcess | None = None

    def poll(self) -> None:
        """Finish the current round if it has ended, or start one if it is time. Returns at once."""
        if self._worker is None:
            if self._now() >= self._next:
                self._start()
        elif not self._worker.is_running:
            self._finish(self._worker)

    def run_now(self) -> None:
        """Run one round and wait for its end: for a recorder that stops before the first round."""
        self.close()
        self._start()
        if self._worker is not None:
            self._worker.wait(None)
            self._finish(self._worker)

    def close(self) -> None:
        """Kill the current round. This is safe: the next round continues where it stopped."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _start(self) -> None:
        try:
            if is_due(catalog.read(self._directory), self._cluster, self._rules, self._now()):
                rules = self._rules.to_json()
                self._worker = WorkerProcess("kevents.maintenance.round", str(self._directory), self._cluster, rules)
            else:
                self._report(RoundResult())
        except KeventsError as error:
            self._report(RoundResult(failures=[str(error)]))
        except OSError as error:
            self._report(RoundResult(failures=[f"cannot start a process: {error.strerror}"]))

    def _finish(self, worker: WorkerProcess) -> None:
        self._worker = None
        output, error = worker.result("maintenance")
        self._report(RoundResult(failures=[error]) if error else RoundResult.from_json(output))

    def _report(self, result: RoundResult) -> None:
        self._next = self._now() + _INTERVAL
        self._on_result(result)
