"""Results on terminals: long texts, widths, dumb and ASCII terminals."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from kevents.cli.main import main
from kevents.cli.terminal import Terminal
from tests.cli.conftest import Run, event

AT = ("--as-of", "2026-11-20T09:30:00Z")
LONG = " ".join(f"word{number:03}" for number in range(200))


@pytest.fixture
def run_on_long_text(kevents: Run, tmp_path: Path) -> Run:
    """Runs command lines on a store that also has a message of 200 words."""
    path = tmp_path / "long.json"
    path.write_text(json.dumps(event(9, "09:25:00", reason="FailedScheduling", message=LONG)))
    assert kevents("import", str(path)).status == 0
    return kevents


def words(text: str) -> list[str]:
    return re.findall(r"word\d{3}", text)


@pytest.mark.parametrize("columns", ["60", "80", "160", "200"])
def test_a_very_long_text_is_truncated_with_a_note(columns: str, run_on_long_text: Run):
    screen = run_on_long_text("list", *AT, "--name", "web-9", is_terminal=True, COLUMNS=columns)
    lines = [line for line in screen.out.splitlines() if "word" in line]
    assert 5 <= len(lines) <= 16  # of at least 30 columns
    assert 350 < len(" ".join(words(screen.out))) <= 900
    assert lines[-1].endswith("…")
    assert max(map(len, screen.out.splitlines())) <= int(columns)
    assert words(screen.out) == words(LONG)[: len(words(screen.out))]
    assert screen.err == "Long text is truncated; show it in full with --full or -o wide.\n"


@pytest.mark.parametrize("flags", [["--full"], ["-o", "wide"]])
@pytest.mark.parametrize("columns", ["60", "200"])
def test_full_and_wide_show_a_long_text_completely(flags: list[str], columns: str, run_on_long_text: Run):
    screen = run_on_long_text("list", *AT, "--name", "web-9", *flags, is_terminal=True, COLUMNS=columns)
    assert words(screen.out) == words(LONG)
    assert screen.err == ""


def test_a_pipe_gets_each_row_completely_on_one_line(run_on_long_text: Run):
    (line,) = run_on_long_text("list", *AT, "--name", "web-9", "--no-headers").out.splitlines()
    assert words(line) == words(LONG)


def test_a_text_that_fits_is_not_truncated(run_on_long_text: Run):
    screen = run_on_long_text("list", *AT, "--name", "web-1,web-2", is_terminal=True, COLUMNS="80")
    assert "…" not in screen.out
    assert screen.err == ""


@pytest.mark.parametrize("command", [["reasons"], ["counts"], ["histogram"], ["overview"]])
def test_a_dumb_terminal_gets_only_plain_text(command: list[str], run_on_long_text: Run):
    screen = run_on_long_text(*command, *AT, is_terminal=True, COLUMNS="120", TERM="dumb")
    assert screen.status == 0
    assert screen.out.isascii()
    assert "\x1b" not in screen.out


@pytest.mark.parametrize("command", [["reasons"], ["histogram"], ["list", "--name", "web-9"], ["help", "filters"]])
def test_an_ascii_terminal_gets_only_ascii(command: list[str], run_on_long_text: Run, tmp_path: Path):
    class Ascii(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    stdout, stderr = (Ascii(io.BytesIO(), encoding="ascii", write_through=True) for _ in range(2))
    env = {"KEVENTS_STORE": str(tmp_path / "store"), "KEVENTS_CONFIG_DIR": str(tmp_path), "COLUMNS": "80"}
    env |= {"PAGER": "cat", "NO_COLOR": "1"}
    at = AT if command[0] != "help" else ()
    assert main([*command, *at], Terminal(io.TextIOWrapper(io.BytesIO()), stdout, stderr, env)) == 0
    written = stdout.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]
    assert "\\u" not in written
    assert written
