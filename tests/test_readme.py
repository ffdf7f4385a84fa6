"""The README is correct: its output is real, its links work, CI runs its commands."""

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


def test_its_output_is_that_of_the_commands() -> None:
    assert refreshed(TEXT) == TEXT, "run `python -m tests.readme`"


def test_it_installs_with_one_line_and_sets_up_development_with_another() -> None:
    first_block = re.search(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert first_block
    assert first_block.group(1).splitlines() == [
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/kevents demo",
        "python3 -m venv .venv && .venv/bin/pip install '.[dev]' && .venv/bin/python -m pytest",
    ]


def test_ci_reads_its_test_command_from_it() -> None:
    pattern = re.search(
        r'^tests=\$\(grep -m 1 -F -- "(.*)" README.md\)$', (CHECKOUT / ".ci/run").read_text(), re.MULTILINE
    )
    assert pattern
    assert [line for line in TEXT.splitlines() if pattern.group(1) in line] == [
        line for line in TEXT.splitlines() if line.endswith("-m pytest")
    ]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("library", ["duckdb", "pandas", "polars"])
def test_its_code_for_other_tools_reads_the_store(library: str, tmp_path: Path) -> None:
    pytest.importorskip(library)
    run("import", str(INCIDENT), env={"KEVENTS_STORE": str(tmp_path)})
    (code,) = (block for block in blocks("python") if f"import {library}\n" in block)
    names: dict[str, Any] = {}
    exec(code.replace("STORE", str(tmp_path)), names)  # code of this repository
    top = names["top"]
    rows = {"duckdb": list, "pandas": lambda series: list(series.items()), "polars": lambda frame: frame.rows()}
    sql = "SELECT reason, count(*) FROM observations GROUP BY ALL ORDER BY ALL"
    counts = run("query", sql, "-o", "csv", "--no-headers", env={"KEVENTS_STORE": str(tmp_path)})
    assert [f"{reason},{observations}" for reason, observations in rows[library](top)] == counts.out.splitlines()


def test_its_severity_toml_is_valid(tmp_path: Path) -> None:
    (toml,) = blocks("toml")
    (tmp_path / FILE).write_text(toml, encoding="utf-8")
    table = load_ratings(tmp_path)
    assert not table.problems
    assert set(tomllib.loads(toml)) <= table.ratings.keys()


def test_its_links_point_to_existing_files() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", TEXT):
        assert (CHECKOUT / target).exists(), target
