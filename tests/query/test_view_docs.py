"""The documentation matches the views and functions."""

from __future__ import annotations

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.view_docs import FUNCTIONS, VIEWS, View
from tests.observations import NOW, at, observation, write_store


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("is_empty", [True, False])
def test_every_view_has_the_documented_columns_and_types(view: View, is_empty: bool, tmp_path):
    files = [] if is_empty else write_store(tmp_path, [observation(at("10:00"))])
    engine = Engine(files, Selection(), NOW)
    described = [(row["column_name"], row["column_type"]) for row in _rows(engine, f"DESCRIBE {view.name}")]
    documented = [(field.name, field.type) for field in view.columns]
    assert [(name, kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")) for name, kind in described] == documented


def test_no_view_is_undocumented():
    tables = {row["name"] for row in _rows(Engine([], Selection(), NOW), "SHOW TABLES")}
    assert tables == {view.name for view in VIEWS}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.call)
def test_every_documented_function_can_be_called(function):
    name, _, arguments = function.call.rstrip(")").partition("(")
    values = {"latest": "as_of()", "occurrences": "1", "step_us": "0", "since": "as_of()", "until": "as_of()"}
    values |= {"text": "'1s'", "first_seen": "as_of()", "clock_ns": "0", "severity": "'info'"}
    values |= {"message": "'no'", "name": "'web'", "image": "'web'"}
    call = f"{name}({', '.join(values[argument] for argument in arguments.split(', ') if argument)})"
    (row,) = _rows(Engine([], Selection(), NOW), f"SELECT typeof({call}) AS type")
    assert row["type"].replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") == function.type


def _rows(engine: Engine, sql: str):
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]
