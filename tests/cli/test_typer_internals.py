"""The values of flags are converted and checked without pydantic."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kevents.demo import INCIDENT
from tests.screen import run

_PROGRAM = """
import sys
from kevents.cli.main import main
assert main(sys.argv[1:]) == 0
print("pydantic" in sys.modules, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    directory = str(tmp_path_factory.mktemp("values") / "store")
    assert run("import", str(INCIDENT), "--store", directory).status == 0
    return directory


def test_a_report_does_not_import_pydantic(store: str, tmp_path: Path) -> None:
    words = ("list", "-n", "shop", "--reason", "BackOff,Failed", "--limit", "9", "--utc", "--store", store, "-o", "csv")
    process = subprocess.run([sys.executable, "-c", _PROGRAM, *words], capture_output=True, text=True, check=False)
    assert process.stderr.splitlines()[-1] == "False", process.stderr
    assert process.stdout.count("\n") > 1


def test_values_of_each_type_are_converted(store: str) -> None:
    assert run("list", "--limit", "2", "--no-headers", "--store", store).out.count("\n") == 2
    twice = run("list", "--reason", "BackOff", "--reason", "Failed", "--no-headers", "--store", store, "-o", "csv")
    assert twice.out == run("list", "--reason", "BackOff,Failed", "--no-headers", "--store", store, "-o", "csv").out
    env = {"KEVENTS_LIST_LIMIT": "1", "KEVENTS_NO_HEADERS": "true"}
    assert run("list", "--store", store, env=env).out.count("\n") == 1


def test_an_invalid_number_is_a_usage_error(store: str) -> None:
    for text in ("many", "-1", "1e3", ""):
        screen = run("list", "--limit", text, "--store", store)
        assert screen.status == 2, text
        assert f'--limit must be a whole number of at least 0, not "{text}"' in screen.err
