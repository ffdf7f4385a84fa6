"""Flags that are text need no models; those that are more are still looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kevents.demo import INCIDENT
from tests.screen import run

_ASKED = """
import sys
from kevents.cli.main import main
assert main(sys.argv[1:]) == 0
print("pydantic" in sys.modules, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    directory = str(tmp_path_factory.mktemp("coercion") / "store")
    assert run("import", str(INCIDENT), "--store", directory).status == 0
    return directory


def test_a_command_line_of_texts_loads_no_models(store: str, tmp_path: Path) -> None:
    words = ("list", "-n", "shop", "--reason", "BackOff,Failed", "--limit", "9", "--utc", "--store", store, "-o", "csv")
    ended = subprocess.run([sys.executable, "-c", _ASKED, *words], capture_output=True, text=True, check=False)
    assert ended.stderr.splitlines()[-1] == "False", ended.stderr
    assert ended.stdout.count("\n") > 1


def test_values_of_each_sort_come_as_the_command_takes_them(store: str) -> None:
    assert run("list", "--limit", "2", "--no-headers", "--store", store).shown.count("\n") == 2
    twice = run("list", "--reason", "BackOff", "--reason", "Failed", "--no-headers", "--store", store, "-o", "csv")
    assert twice.shown == run("list", "--reason", "BackOff,Failed", "--no-headers", "--store", store, "-o", "csv").shown
    assert (
        run("list", "--store", store, env={"KEVENTS_LIST_LIMIT": "1", "KEVENTS_NO_HEADERS": "true"}).shown.count("\n")
        == 1
    )


def test_a_number_that_is_none_is_a_mistake(store: str) -> None:
    for typed in ("many", "-1", "1e3", ""):
        asked = run("list", "--limit", typed, "--store", store)
        assert asked.status == 2, typed
        assert "--limit" in asked.said
