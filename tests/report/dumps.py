"""Runs one command on a store that holds a single real dump, as of the newest event of the dump."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.screen import run


def answer(dump: Path, directory: Path, *command: str) -> list[dict[str, Any]]:
    """The JSON rows that the command prints for the dump's events."""
    env = {"KEVENTS_STORE": str(directory / "store")}
    imported = run("import", str(dump), env=env)
    assert imported.status == 0, imported.err
    finished = run(*command, "--as-of", "last", "-o", "json", env=env)
    assert finished.status == 0, finished.err
    rows: list[dict[str, Any]] = json.loads(finished.out)
    return rows
