"""Worker processes: run a module of kevents in its own process, so that a recorder neither waits nor grows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kevents.errors import ExitStatus, KeventsError

_IMPORT_PATH = str(Path(__file__).parents[1])  # the directory that contains the package


class WorkerResult(NamedTuple):
    """How a worker ended. output: its standard output; error: why it failed, or None."""

    output: str
    error: str | None


class WorkerProcess:
    """A running module of kevents. Its `main` takes the arguments and writes the cause of a failure to stderr."""

    def __init__(self, module: str, *arguments: str, captured: bool = True) -> None:
        """Start the process. Raises OSError if that fails. captured: its output is kept for `result`."""
        output = subprocess.PIPE if captured else subprocess.DEVNULL
        # -P: a directory named kevents in the working directory must not be imported
        command = [sys.executable, "-P", "-m", module, *arguments]
        path = os.pathsep.join(filter(None, (_IMPORT_PATH, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603
            command,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C in the terminal stops the recorder only
        )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait(self, seconds: float | None) -> bool:
        """Whether it ends within this time. None: wait until it ends."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Kill the process and wait for its end."""
        self._process.kill()
        self._process.communicate()

    def result(self, task: str) -> WorkerResult:
        """The result of a process that has ended. task: names the work if it failed without a message."""
        output, errors = (stream.decode(errors="replace").strip() for stream in self._process.communicate())
        if self._process.returncode == 0:
            return WorkerResult(output, None)
        lines = errors.splitlines()
        return WorkerResult(output, lines[-1] if lines else f"{task} ended with status {self._process.returncode}")


def run(work: Callable[[], str | None], niceness: int = 0) -> int:
    """Run the work of a worker process: print its output and return the exit status.

    If it fails, the cause is printed to stderr in one line. niceness: lowers the priority of this process.
    """
    os.umask(0o077)  # as in cli.main: files are private to the user
    if hasattr(os, "nice"):
        os.nice(niceness)
    try:
        output = work()
    except (KeventsError, OSError) as error:
        print(error, file=sys.stderr)
        return ExitStatus.STORE
    if output is not None:
        print(output)
    return ExitStatus.OK
