"""Sealing in the background of a recorder, in a worker process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from kevents.worker_process import WorkerProcess

_RETRY_DELAY = timedelta(seconds=10)


class BackgroundSealer:
    """Seals the full files of a journal, with one worker at a time.

    error: why the last attempt failed, or None. added: the number of new observations by file number.
    """

    def __init__(self, store_directory: Path, cluster: str, now: Callable[[], datetime]) -> None:
        self.error: str | None = None
        self.sealed = 0  # the number of the last sealed file
        self.added: Counter[int] = Counter()
        self._store = store_directory
        self._cluster = cluster
        self._now = now
        self._worker: WorkerProcess | None = None
        self._target = 0  # the newest file of the worker
        self._retry_at: datetime | None = None

    def poll(self, newest: int) -> None:
        """Check the worker, and start one if files up to the newest are not sealed. Returns at once."""
        if self._worker is not None and not self._worker.is_running:
            self._finish(self._worker)
        if self._worker is None and newest > self.sealed and not self._is_waiting():
            self._start(newest)

    def wait(self, newest: int, seconds: float | None) -> None:
        """Wait until all files up to the newest are sealed, an attempt fails, or the time is up (None: no limit).

        A worker that still runs then is not stopped.
        """
        self._retry_at = None
        end = None if seconds is None else self._now() + timedelta(seconds=seconds)
        self.poll(newest)
        while self._worker is not None:
            if not self._worker.wait(None if end is None else max((end - self._now()).total_seconds(), 0)):
                return
            self.poll(newest)

    def _is_waiting(self) -> bool:
        return self._retry_at is not None and self._now() < self._retry_at

    def _start(self, newest: int) -> None:
        self._target = newest
        try:
            self._worker = WorkerProcess("kevents.store.recording.seal", str(self._store), self._cluster, str(newest))
        except OSError as error:
            self._fail(f"cannot start sealing: {error.strerror}")

    def _finish(self, worker: WorkerProcess) -> None:
        self._worker = None
        result = worker.result("sealing")
        if result.error:
            self._fail(result.error)
        else:
            self.added.update({int(number): count for number, count in json.loads(result.output or "{}").items()})
            self.sealed, self.error, self._retry_at = self._target, None, None

    def _fail(self, error: str) -> None:
        self.error = error
        self._retry_at = self._now() + _RETRY_DELAY
