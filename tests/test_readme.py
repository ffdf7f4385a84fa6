"""The README is true: its output is real, its links lead somewhere, CI runs its commands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kevents.demo import INCIDENT
from kevents.event.severity_table import FILE, load_ratings
from tests.readme import README, refreshed
from tests.screen import run

TEXT = README.read_text(encoding="utf-8")
CHECKOUT = README.parent


def test_its_output_is_what_the_commands_print() -> None:
    assert refreshed(TEXT) == TEXT, "run `python -m tests.readme`"


def test_a_fresh_machine_needs_two_lines() -> None:
    first_block = re.search(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert first_block
    assert first_block.group(1).splitlines() == [
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/kevents demo",
        "python3 -m venv .venv && .venv/bin/pip install '.[dev]' && .venv/bin/python -m pytest",
    ]


def test_ci_takes_its_test_command_from_here() -> None:
    wanted = re.search(
        r'^tests=\$\(grep -m 1 -F -- "(.*)" README.md\)$', (CHECKOUT / ".ci/run").read_text(), re.MULTILINE
    )
    assert wanted
    assert [line for line in TEXT.splitlines() if wanted.group(1) in line] == [
        line for line in TEXT.splitlines() if line.endswith("-m pytest")
    ]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("library", ["duckdb", "pandas", "polars"])
def test_other_tools_read_the_store_as_it_says(library: str, tmp_path: Path) -> None:
    pytest.importorskip(library)
    run("import", str(INCIDENT), env={"KEVENTS_STORE": str(tmp_path)})
    (code,) = (block for block in blocks("python") if f"import {library}\n" in block)
    names: dict[str, Any] = {}
    exec(code.replace("STORE", str(tmp_path)), names)  # it is the README's own
    top = names["top"]
    rows = {"duckdb": list, "pandas": lambda series: list(series.items()), "polars": lambda frame: frame.rows()}
    sql = "SELECT reason, count(*) FROM observations GROUP BY ALL ORDER BY ALL"
    asked = run("query", sql, "-o", "csv", "--no-headers", env={"KEVENTS_STORE": str(tmp_path)})
    assert [f"{reason},{observations}" for reason, observations in rows[library](top)] == asked.shown.splitlines()


def test_its_rating_is_one_that_kevents_takes(tmp_path: Path) -> None:
    (toml,) = blocks("toml")
    (tmp_path / FILE).write_text(toml, encoding="utf-8")
    table = load_ratings(tmp_path)
    assert not table.problems
    assert set(tomllib.loads(toml)) <= table.ratings.keys()


def test_its_links_lead_to_files_that_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", TEXT):
        assert (CHECKOUT / target).exists(), target
