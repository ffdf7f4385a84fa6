"""The prompt itself, typed into as from a keyboard."""

from __future__ import annotations

import os
import pty
import select
import stat
import sys
import time
from pathlib import Path


def typed(store: Path, home: Path, *lines: str) -> str:
    """What a real terminal shows when these lines are typed, one after another, each after a prompt."""
    env = {**os.environ, "KEVENTS_STORE": str(store), "KEVENTS_HISTORY": str(home / "history"), "TERM": "xterm"}
    child, ours = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-m", "kevents", "query"], {**env, "PAGER": "cat"})
    seen, waiting = "", list(lines)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        ready, _, _ = select.select([ours], [], [], 0.5)
        if ready:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            seen += piece.decode()
            if "\x1b[6n" in piece.decode():
                os.write(ours, b"\x1b[1;1R")  # a terminal says where its cursor is when it is asked
        elif waiting and "kevents>" in seen:
            os.write(ours, waiting.pop(0).encode() + b"\r")
    os.close(ours)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, seen
    return seen


def test_questions_are_answered_until_the_user_leaves(kevents, tmp_path):
    seen = typed(tmp_path / "store", tmp_path, "SELECT count(*) AS", "n FROM events;", "\\q")
    assert "...>" in seen
    assert "\n3" in seen.replace("\r", "").replace(" ", "")
    history = tmp_path / "history"
    assert "n FROM events" in history.read_text()
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
