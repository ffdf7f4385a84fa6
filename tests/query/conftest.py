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

RunSql = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def run_sql(tmp_path: Path) -> RunSql:
    """A function that runs SQL over observations, with filters of a selection, and returns the rows."""

    def run(
        observations: list[Mapping[str, Any]],
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        now: datetime = NOW,
        **filters: Any,
    ) -> list[dict[str, Any]]:
        return Engine(write_store(tmp_path, observations), Selection(**filters), now).rows(sql, parameters)

    return run
