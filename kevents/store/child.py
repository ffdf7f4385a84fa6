"""A child process beside a recorder, so that the recorder neither waits nor grows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_HOME = str(Path(__file__).parents[2])  # where the package lies


class Child:
    """A module of ours at work: its main takes the arguments, and says on standard error why it failed."""

    def __init__(self, module: str, *arguments: str) -> None:
        """Start it; an OSError where that cannot be."""
        # -P: a folder named kevents where the recorder happens to be started is none of ours
        command = [sys.executable, "-P", "-m", module, *arguments]
        path = os.pathsep.join(filter(None, (_HOME, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603
            command,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C on the terminal is for the recorder
        )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """End it where it is."""
        self._process.kill()
        self._process.communicate()

    def error(self, doing: str) -> str | None:
        """Once it has ended: why it failed, None if it did not. doing: what it did, for one that says nothing."""
        _, told = self._process.communicate()
        if self._process.returncode == 0:
            return None
        last = told.decode(errors="replace").strip().splitlines()
        return last[-1] if last else f"{doing} ended with status {self._process.returncode}"
