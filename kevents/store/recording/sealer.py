"""Sealing beside a recorder, in a child process."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from kevents.worker_process import WorkerProcess

_PAUSE = timedelta(seconds=10)  # after a failure


class Sealing:
    """Seals the full files of a journal, with one child at a time.

    error: why the last one failed, if it did. added: the new observations that each sealed file added to the store.
    """

    def __init__(self, store_directory: Path, cluster: str, now: Callable[[], datetime]) -> None:
        self.error: str | None = None
        self.sealed = 0  # every file up to this number is
        self.added: Counter[int] = Counter()
        self._store = store_directory
        self._cluster = cluster
        self._now = now
        self._child: WorkerProcess | None = None
        self._target = 0  # of the child

        self._not_before: datetime | None = None

    def look(self, newest: int) -> None:
        """See what became of the child, and start one if files up to the newest are to be sealed; returns at once."""
        if self._child is not None and not self._child.is_running:
            self._end(self._child)
        if self._child is None and newest > self.sealed and not self._is_pausing():
            self._begin(newest)

    def wait(self, newest: int, seconds: float | None) -> None:
        """Wait until all files up to the newest are sealed, or an attempt failed, or the time is over (None: no limit).

        A child that is still at work then goes on by itself.
        """
        self._not_before = None
        end = None if seconds is None else self._now() + timedelta(seconds=seconds)
        self.look(newest)
        while self._child is not None:
            if not self._child.wait(None if end is None else max((end - self._now()).total_seconds(), 0)):
                return
            self.look(newest)

    def _is_pausing(self) -> bool:
        return self._not_before is not None and self._now() < self._not_before

    def _begin(self, newest: int) -> None:
        self._target = newest
        try:
            self._child = WorkerProcess("kevents.store.recording.seal", str(self._store), self._cluster, str(newest))
        except OSError as error:
            self._fail(f"sealing cannot be started: {error.strerror}")

    def _end(self, child: WorkerProcess) -> None:
        self._child = None
        ended = child.ended("sealing")
        if ended.error:
            self._fail(ended.error)
        else:
            self.added.update({int(number): count for number, count in json.loads(ended.said or "{}").items()})
            self.sealed, self.error, self._not_before = self._target, None, None

    def _fail(self, error: str) -> None:
        self.error = error
        self._not_before = self._now() + _PAUSE
