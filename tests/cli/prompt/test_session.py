"""The prompt on a real terminal."""

from __future__ import annotations

import os
import pty
import select
import stat
import sys
import time
from pathlib import Path


def session(store: Path, home: Path, *lines: str) -> str:
    """What a real terminal shows when these lines are typed, each after a prompt."""
    env = {**os.environ, "KEVENTS_STORE": str(store), "KEVENTS_HISTORY": str(home / "history"), "TERM": "xterm"}
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-m", "kevents", "query"], {**env, "PAGER": "cat"})
    output, waiting = "", list(lines)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if ready:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            output += piece.decode()
            if "\x1b[6n" in piece.decode():
                os.write(terminal, b"\x1b[1;1R")  # the answer of a terminal that is asked for its cursor position
        elif waiting and "kevents>" in output:
            os.write(terminal, waiting.pop(0).encode() + b"\r")
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, output
    return output


def test_queries_run_until_the_user_quits(kevents, tmp_path):
    output = session(tmp_path / "store", tmp_path, "SELECT count(*) AS", "n FROM events;", "\\q")
    assert "...>" in output
    assert "\n3" in output.replace("\r", "").replace(" ", "")
    history = tmp_path / "history"
    assert "n FROM events" in history.read_text()
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
