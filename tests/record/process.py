"""The real command line as a child process, against a scripted cluster in this one."""

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


def until(so: Callable[[], bool], limit: float = 10) -> None:
    """Wait until that is so; fails if it does not come to it."""
    end = time.monotonic() + limit
    while not so():
        assert time.monotonic() < end, f"not within {limit} s"
        time.sleep(0.02)


@dataclass
class Command:
    """A command line that runs, and what it has said so far."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @property
    def shown(self) -> str:
        return self.out.read_text("utf-8")

    @property
    def said(self) -> str:
        return self.err.read_text("utf-8")

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self, limit: float = 10) -> int:
        """Its exit status; fails if it does not end in time."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {limit} s: {self.said[-800:]}") from None


@dataclass
class Commands:
    """Starts command lines that know a cluster and a store."""

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
        if not config.exists() or config.read_text() != text:  # a process that runs may be reading it
            config.write_text(text)
        own = {"KUBECONFIG": str(config), "KEVENTS_STORE": str(self.store), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return kept | own

    @contextmanager
    def run(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[Command]:
        """Run `kevents …`; killed at the end of the block if it still runs."""
        self.started += 1
        out, err = (self.directory / f"{self.started}.{stream}" for stream in ("out", "err"))
        with out.open("wb") as shown, err.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", self.module, *arguments],
                stdin=stdin,
                stdout=shown,
                stderr=said,
                env=self.environment,
            )
        try:
            yield Command(process, out, err)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()

    def answer(self, *arguments: str) -> str:
        """The standard output of a command line that ends by itself."""
        ended = subprocess.run(
            [sys.executable, "-m", "kevents", *arguments],
            env=self.environment,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert ended.returncode == 0, ended.stderr.decode()
        return ended.stdout.decode()


def commands_of(server: Server, directory: Path) -> Commands:
    return Commands(directory, server.url)
