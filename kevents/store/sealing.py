"""Sealing beside a recorder: a child process, so that the recorder neither waits nor grows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

_HOME = str(Path(__file__).parents[2])  # where the package lies
_PAUSE = timedelta(seconds=10)  # after a failure


class Sealing:
    """Seals the full files of a journal, with one child at a time. error: why the last one failed, if it did."""

    def __init__(self, store_folder: Path, cluster: str, now: Callable[[], datetime]) -> None:
        self.error: str | None = None
        self.sealed = 0  # every file up to this number is
        self._store = store_folder
        self._cluster = cluster
        self._now = now
        self._child: subprocess.Popen[bytes] | None = None
        self._target = 0  # of the child

        self._not_before: datetime | None = None

    def look(self, newest: int) -> None:
        """See what became of the child, and start one if files up to the newest are to be sealed; returns at once."""
        if self._child is not None and self._child.poll() is not None:
            self._end(self._child)
        if self._child is None and newest > self.sealed and not self._is_pausing():
            self._begin(newest)

    def wait(self, newest: int, seconds: float) -> None:
        """Wait until all files up to the newest are sealed, or an attempt failed, or the time is over.

        A child that is still at work then goes on by itself.
        """
        self._not_before = None
        end = self._now() + timedelta(seconds=seconds)
        self.look(newest)
        while self._child is not None:
            try:
                self._child.wait(max((end - self._now()).total_seconds(), 0))
            except subprocess.TimeoutExpired:
                return
            self.look(newest)

    def _is_pausing(self) -> bool:
        return self._not_before is not None and self._now() < self._not_before

    def _begin(self, newest: int) -> None:
        # -P: a folder named kevents where the recorder happens to be started is none of ours
        command = [sys.executable, "-P", "-m", "kevents.store.seal", str(self._store), self._cluster, str(newest)]
        path = os.pathsep.join(filter(None, (_HOME, os.environ.get("PYTHONPATH"))))
        self._target = newest
        try:
            self._child = subprocess.Popen(  # noqa: S603
                command,
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C on the terminal is for the recorder
            )
        except OSError as error:
            self._fail(f"sealing cannot be started: {error.strerror}")

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        _, told = child.communicate()
        self._child = None
        if child.returncode == 0:
            self.sealed, self.error, self._not_before = self._target, None, None
        else:
            last = told.decode(errors="replace").strip().splitlines()
            self._fail(last[-1] if last else f"sealing ended with status {child.returncode}")

    def _fail(self, error: str) -> None:
        self.error = error
        self._not_before = self._now() + _PAUSE
