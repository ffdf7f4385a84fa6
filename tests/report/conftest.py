"""Asking a report of a handful of observations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.catalog import reports
from kevents.report.question import Question
from tests.observations import NOW, write_store

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def report(tmp_path: Path) -> Ask:
    """Rows of a report over the observations; filters narrow it, the rest is the question's."""

    def answer(
        name: str, observations: list[Mapping[str, Any]], rows: RowOptions | None = None, /, **told: Any
    ) -> list[dict[str, Any]]:
        asked = {key: told.pop(key) for key in ("by", "name", "wants_documents", "capped") if key in told}
        question = Question(reports()[name], rows or RowOptions(), **asked)
        engine = Engine(write_store(tmp_path, observations), Selection(**told), NOW)
        return [row for batch in question.answer(engine).batches for row in batch.to_pylist()]

    return answer
