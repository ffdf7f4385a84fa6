"""Fixtures: SQL over a few hand-written observations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from tests.observations import NOW, write_store

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """A function that returns the rows of SQL over the given observations, with the given filters."""

    def run_sql(
        observations: list[Mapping[str, Any]],
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        now: datetime = NOW,
        **filters: Any,
    ) -> list[dict[str, Any]]:
        return Engine(write_store(tmp_path, observations), Selection(**filters), now).rows(sql, parameters)

    return run_sql
