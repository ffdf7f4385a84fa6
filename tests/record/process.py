"""Runs kevents as a child process against a scripted cluster in this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.server import Server


def until(condition: Callable[[], bool], timeout: float = 10) -> None:
    """Wait until the condition is true; fails after the timeout, in seconds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, f"not within {timeout} s"
        time.sleep(0.02)


@dataclass
class Command:
    """A running command. out, err: what it has written to standard output and standard error so far."""

    process: subprocess.Popen[bytes]
    out_file: Path
    err_file: Path

    @property
    def out(self) -> str:
        return self.out_file.read_text("utf-8")

    @property
    def err(self) -> str:
        return self.err_file.read_text("utf-8")

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self, timeout: float = 10) -> int:
        """Wait for its end and return the exit status; fails after the timeout."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout} s: {self.err[-800:]}") from None


@dataclass
class Commands:
    """Runs commands with a kubeconfig for a cluster, and a store."""

    directory: Path
    url: str
    started: int = 0
    module: str = "kevents"

    @property
    def store(self) -> Path:
        return self.directory / "store"

    @property
    def environment(self) -> dict[str, str]:
        config = self.directory / "kubeconfig"
        text = (
            "current-context: prod\n"
            "contexts: [{name: prod, context: {cluster: c, user: ann, namespace: shop}}]\n"
            f"clusters: [{{name: c, cluster: {{server: '{self.url}'}}}}]\n"
            "users: [{name: ann, user: {}}]\n"
        )
        if not config.exists() or config.read_text() != text:  # another process may be reading it
            config.write_text(text)
            config.chmod(0o600)
        added = {"KUBECONFIG": str(config), "KEVENTS_STORE": str(self.store), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
        inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return inherited | added

    @contextmanager
    def run(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[Command]:
        """Run `kevents …`; killed at the end of the with block if it is still running."""
        self.started += 1
        out, err = (self.directory / f"{self.started}.{stream}" for stream in ("out", "err"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", self.module, *arguments],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=self.environment,
            )
        try:
            yield Command(process, out, err)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()

    def answer(self, *arguments: str) -> str:
        """The standard output of a command, which must succeed."""
        completed = subprocess.run(
            [sys.executable, "-m", "kevents", *arguments],
            env=self.environment,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert completed.returncode == 0, completed.stderr.decode()
        return completed.stdout.decode()


def commands_of(server: Server, directory: Path) -> Commands:
    return Commands(directory, server.url)
