"""What is longer than the screen goes through a pager; what fits, and what goes to a pipe, does not."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from kevents.cli.pager import pager_of

SENTENCE = "sed s/^/paged:/"


def on_terminal(store: Path, *arguments: str, lines: int, **env: str) -> str:
    """What a command line writes on a real terminal of so many lines."""
    main_end, other_end = pty.openpty()
    variables = {
        **os.environ,
        "COLUMNS": "100",
        "LINES": str(lines),
        "NO_COLOR": "1",
        "KEVENTS_STORE": str(store),
        **env,
    }
    command = [sys.executable, "-m", "kevents", *arguments]
    process = subprocess.Popen(command, stdout=other_end, stderr=subprocess.DEVNULL, env=variables)
    os.close(other_end)
    written = b""
    try:
        while piece := os.read(main_end, 4096):
            written += piece
    except OSError:  # the other end is closed
        pass
    os.close(main_end)
    assert process.wait() == 0
    return written.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(("lines", "flags", "is_paged"), [(4, [], True), (40, [], False), (4, ["--no-pager"], False)])
def test_a_long_table_is_paged_and_a_short_one_is_not(kevents, tmp_path, lines, flags, is_paged):
    shown = on_terminal(tmp_path / "store", "list", *flags, lines=lines, PAGER=SENTENCE)
    assert [line.startswith("paged:") for line in shown.splitlines()] == [is_paged] * 4


def test_a_pager_that_is_left_early_ends_the_answer_well(kevents, tmp_path):
    shown = on_terminal(tmp_path / "store", "list", lines=3, PAGER="head -n 1")
    assert shown.startswith("LAST SEEN")
    assert len(shown.splitlines()) == 1


def test_the_pager_is_the_users_choice():
    path = os.environ["PATH"]
    assert pager_of({"PATH": path, "KEVENTS_PAGER": "sed -n p", "PAGER": "head"})[1:] == ["-n", "p"]  # type: ignore[index]
    for none in ("cat", "", "no-such-pager", "'open"):
        assert pager_of({"PATH": path, "PAGER": none}) is None
