"""Output that is longer than the screen goes through a pager."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from kevents.cli.pager import pager_of

PAGER = "sed s/^/paged:/"


def on_terminal(store: Path, *arguments: str, lines: int, **env: str) -> str:
    """What a command line writes on a real terminal with this number of lines."""
    terminal, child_end = pty.openpty()
    variables = {
        **os.environ,
        "COLUMNS": "100",
        "LINES": str(lines),
        "NO_COLOR": "1",
        "KEVENTS_STORE": str(store),
        **env,
    }
    command = [sys.executable, "-m", "kevents", *arguments]
    process = subprocess.Popen(command, stdout=child_end, stderr=subprocess.DEVNULL, env=variables)
    os.close(child_end)
    written = b""
    try:
        while piece := os.read(terminal, 4096):
            written += piece
    except OSError:  # the process closed its end
        pass
    os.close(terminal)
    assert process.wait() == 0
    return written.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(("lines", "flags", "is_paged"), [(4, [], True), (40, [], False), (4, ["--no-pager"], False)])
def test_a_long_table_is_paged_and_a_short_one_is_not(kevents, tmp_path, lines, flags, is_paged):
    output = on_terminal(tmp_path / "store", "list", *flags, lines=lines, PAGER=PAGER)
    assert [line.startswith("paged:") for line in output.splitlines()] == [is_paged] * 4


def test_quitting_the_pager_early_is_not_an_error(kevents, tmp_path):
    output = on_terminal(tmp_path / "store", "list", lines=3, PAGER="head -n 1")
    assert output.startswith("LAST SEEN")
    assert len(output.splitlines()) == 1


def test_the_pager_comes_from_the_environment():
    path = os.environ["PATH"]
    assert pager_of({"PATH": path, "KEVENTS_PAGER": "sed -n p", "PAGER": "head"})[1:] == ["-n", "p"]  # type: ignore[index]
    for no_pager in ("cat", "", "no-such-pager", "'open"):
        assert pager_of({"PATH": path, "PAGER": no_pager}) is None
