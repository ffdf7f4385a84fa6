"""Asking SQL of a handful of observations."""

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
    """Rows of SQL over the observations, narrowed by what the selection's filters are given."""

    def answer(
        observations: list[Mapping[str, Any]],
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        now: datetime = NOW,
        **filters: Any,
    ) -> list[dict[str, Any]]:
        engine = Engine(write_store(tmp_path, observations), Selection(**filters), now)
        return [row for batch in engine.batches(sql, parameters) for row in batch.to_pylist()]

    return answer
