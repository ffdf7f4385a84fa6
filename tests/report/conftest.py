"""The fixture that runs a report on a few observations."""

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

RunReport = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def report(tmp_path: Path) -> RunReport:
    """Run a report by name on observations and return its rows. Options are fields of the question, or filters."""

    def run(
        name: str, observations: list[Mapping[str, Any]], rows: RowOptions | None = None, /, **options: Any
    ) -> list[dict[str, Any]]:
        fields = {key: options.pop(key) for key in ("by", "name", "wants_documents", "capped") if key in options}
        question = Question(reports()[name], rows or RowOptions(), **fields)
        engine = Engine(write_store(tmp_path, observations), Selection(**options), NOW)
        return [row for batch in question.answer(engine).batches for row in batch.to_pylist()]

    return run
