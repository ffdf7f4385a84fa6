"""A child process beside a recorder, so that the recorder neither waits nor grows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kevents.errors import ExitStatus, KeventsError

_HOME = str(Path(__file__).parents[2])  # where the package lies


class Ended(NamedTuple):
    """A child's end. said: its standard output; error: why it failed, None if it did not."""

    said: str
    error: str | None


class WorkerProcess:
    """A module of ours at work: its main takes the arguments, and says on standard error why it failed."""

    def __init__(self, module: str, *arguments: str, heard: bool = True) -> None:
        """Start it; an OSError where that cannot be. heard: somebody reads what it says, and waits for its end."""
        output = subprocess.PIPE if heard else subprocess.DEVNULL
        # -P: a directory named kevents where the recorder happens to be started is none of ours
        command = [sys.executable, "-P", "-m", module, *arguments]
        path = os.pathsep.join(filter(None, (_HOME, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603
            command,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C on the terminal is for the recorder
        )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait(self, seconds: float | None) -> bool:
        """Whether it ends within so many seconds; None for as long as it takes."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """End it where it is."""
        self._process.kill()
        self._process.communicate()

    def ended(self, doing: str) -> Ended:
        """Once it has ended: how. doing: what it did, for one that failed and says nothing."""
        said, told = (stream.decode(errors="replace").strip() for stream in self._process.communicate())
        if self._process.returncode == 0:
            return Ended(said, None)
        last = told.splitlines()
        return Ended(said, last[-1] if last else f"{doing} ended with status {self._process.returncode}")


def run(work: Callable[[], str | None], niceness: int) -> int:
    """Within a child: do its work, print what it says, and give the exit status.

    Why it could not be done is one line on standard error. niceness: how far it stands back behind the recorder.
    """
    if hasattr(os, "nice"):
        os.nice(niceness)
    try:
        said = work()
    except (KeventsError, OSError) as error:
        print(error, file=sys.stderr)
        return ExitStatus.STORE
    if said is not None:
        print(said)
    return ExitStatus.OK
