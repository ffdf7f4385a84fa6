"""Runs real shells and reads the command line after the tab key."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import stat
import sys
import time
from collections.abc import Mapping
from pathlib import Path

_PROGRAMS = {"kevents": "main", "kubectl-kevents": "kubectl", "kubectl_complete-kevents": "kubectl_complete"}
_CHECKOUT = Path(__file__).parents[2]
_TO_START, _TO_END = "\x01", "\x05"
_TIMEOUT = 20.0


def install(directory: Path) -> None:
    """Create the console scripts of this checkout in a directory, as an installer would."""
    directory.mkdir()
    for name, function in _PROGRAMS.items():
        path = directory / name
        path.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(_CHECKOUT)!r})\n"
            f"from kevents.cli.main import {function}\nsys.exit({function}())\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)


def completed(shell: list[str], setup: str, line: str, env: Mapping[str, str]) -> str:
    """The line as an interactive shell completes it. An echo around the completed line makes the shell print it."""
    keys = f"{setup}\n{line}\t{_TO_START}echo '[{_TO_END}]'\n"
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(shell[0], shell, {**env, "TERM": "dumb", "PS1": "> "})
    try:
        os.write(terminal, keys.encode())
        return _echoed(terminal)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _echoed(terminal: int) -> str:
    written = b""
    until = time.monotonic() + _TIMEOUT
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            written += os.read(terminal, 65536)
        if match := re.search(rb"[\r\n]\[([^\r\n]*)\]\r?\n", written):
            return match[1].decode()
    raise AssertionError(f"the shell only wrote {written.decode(errors='replace')!r}")
