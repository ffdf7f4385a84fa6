"""Asking a real dump: a store of it alone, and the rows of one command line as of its newest event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.screen import run


def answer(dump: Path, directory: Path, *command: str) -> list[dict[str, Any]]:
    """The rows of a command over the dump's events, as machines read them."""
    env = {"KEVENTS_STORE": str(directory / "store")}
    imported = run("import", str(dump), env=env)
    assert imported.status == 0, imported.said
    ended = run(*command, "--as-of", "last", "-o", "json", env=env)
    assert ended.status == 0, ended.said
    rows: list[dict[str, Any]] = json.loads(ended.shown)
    return rows
