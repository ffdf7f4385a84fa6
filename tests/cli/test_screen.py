"""What a terminal shows: long texts, narrow and wide screens, terminals that can do little."""

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
def long(kevents: Run, tmp_path: Path) -> Run:
    """A store with one message of 200 words."""
    path = tmp_path / "long.json"
    path.write_text(json.dumps(event(9, "09:25:00", reason="FailedScheduling", message=LONG)))
    assert kevents("import", str(path)).status == 0
    return kevents


def words(shown: str) -> list[str]:
    return re.findall(r"word\d{3}", shown)


@pytest.mark.parametrize("columns", ["60", "80", "160", "200"])
def test_a_very_long_text_is_cut_and_it_is_said_how_to_see_the_rest(columns: str, long: Run):
    ended = long("list", *AT, "--name", "web-9", is_terminal=True, COLUMNS=columns)
    lines = [line for line in ended.out.splitlines() if "word" in line]
    assert 5 <= len(lines) <= 16  # of 30 cells at least
    assert 350 < len(" ".join(words(ended.out))) <= 900
    assert lines[-1].endswith("…")
    assert max(map(len, ended.out.splitlines())) <= int(columns)
    assert words(ended.out) == words(LONG)[: len(words(ended.out))]
    assert ended.err == "Long text is truncated; show it in full with --full or -o wide.\n"


@pytest.mark.parametrize("flags", [["--full"], ["-o", "wide"]])
@pytest.mark.parametrize("columns", ["60", "200"])
def test_it_is_shown_to_its_end_where_that_is_asked_for(flags: list[str], columns: str, long: Run):
    ended = long("list", *AT, "--name", "web-9", *flags, is_terminal=True, COLUMNS=columns)
    assert words(ended.out) == words(LONG)
    assert ended.err == ""


def test_a_pipe_gets_each_row_whole_on_a_line(long: Run):
    (line,) = long("list", *AT, "--name", "web-9", "--no-headers").out.splitlines()
    assert words(line) == words(LONG)


def test_what_fits_is_not_cut(long: Run):
    ended = long("list", *AT, "--name", "web-1,web-2", is_terminal=True, COLUMNS="80")
    assert "…" not in ended.out
    assert ended.err == ""


@pytest.mark.parametrize("command", [["reasons"], ["counts"], ["histogram"], ["overview"]])
def test_a_terminal_that_shows_only_letters_gets_only_letters(command: list[str], long: Run):
    ended = long(*command, *AT, is_terminal=True, COLUMNS="120", TERM="dumb")
    assert ended.status == 0
    assert ended.out.isascii()
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("command", [["reasons"], ["histogram"], ["list", "--name", "web-9"], ["help", "filters"]])
def test_an_ascii_output_gets_ascii(command: list[str], long: Run, tmp_path: Path):
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
