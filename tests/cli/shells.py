"""Real shells: what stands on the line after a press of the tab key."""

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
_HOME = Path(__file__).parents[2]
_TO_START, _TO_END = "\x01", "\x05"
_LONGEST = 20.0


def install(directory: Path) -> None:
    """Put the console scripts into a directory, as an installer would, of the code that is tested."""
    directory.mkdir()
    for name, function in _PROGRAMS.items():
        path = directory / name
        path.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(_HOME)!r})\n"
            f"from kevents.cli.main import {function}\nsys.exit({function}())\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)


def completed(shell: list[str], setup: str, line: str, env: Mapping[str, str]) -> str:
    """The line as an interactive shell completes it; wrapped into an echo then, and so told by the shell itself."""
    keys = f"{setup}\n{line}\t{_TO_START}echo '[{_TO_END}]'\n"
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(shell[0], shell, {**env, "TERM": "dumb", "PS1": "> "})
    try:
        os.write(terminal, keys.encode())
        return _told(terminal)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _told(terminal: int) -> str:
    written = b""
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            written += os.read(terminal, 65536)
        if found := re.search(rb"[\r\n]\[([^\r\n]*)\]\r?\n", written):
            return found[1].decode()
    raise AssertionError(f"the shell said only {written.decode(errors='replace')!r}")
