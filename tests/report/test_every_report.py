"""Tests that run for every report of the catalog; a new file is tested automatically."""

from __future__ import annotations

import pytest

from kevents.errors import UsageError
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.catalog import Report, reports
from kevents.report.question import Question
from kevents.result import Show
from tests.observations import NOW, at, observation, write_store

every_report = pytest.mark.parametrize("report", reports().values(), ids=lambda report: report.name)

OBSERVATIONS = [
    observation(
        at("09:30"), count=3, first_seen=at("09:00"), reason="Pulled", message='Successfully pulled image "nginx" in 2s'
    ),
    observation(
        at("09:40"), count=5, first_seen=at("09:00"), reason="Pulled", message='Successfully pulled image "nginx" in 3s'
    ),
    observation(at("09:50"), name="db", reason="FailedScheduling", type="Warning", message="no room", cluster="test"),
    observation(
        None, first_seen=None, clock_ns=None, name=None, event_name="odd.1", message=None, reason=None, type=None
    ),
    observation(at("09:45"), kind="Node", name="node-a", reason="NodeNotReady", message="Node node-a is gone"),
    observation(at("09:46"), reason="BackOff", message="Back-off restarting failed container app in pod web-1_shop(1)"),
    observation(
        at("09:46"), kind="Deployment", reason="ScalingReplicaSet", message="Scaled up replica set web-6fb9 to 1"
    ),
]


def question(report: Report, **options) -> Question:
    name = None if report.is_command else "nginx"
    return Question(report, **({"name": name} | options))


@every_report
@pytest.mark.parametrize("is_empty", [False, True])
def test_the_result_has_the_declared_columns(report: Report, is_empty: bool, tmp_path):
    engine = Engine([] if is_empty else write_store(tmp_path, OBSERVATIONS), Selection(), NOW)
    result = question(report).answer(engine)
    batches = list(result.batches)
    assert result.batches.schema.names == [column.name for column in result.columns]
    assert sum(batch.num_rows for batch in batches) > 0 or is_empty


@every_report
def test_events_outside_the_window_are_left_out(report: Report, tmp_path):
    engine = Engine(write_store(tmp_path, OBSERVATIONS), Selection(since=at("10:00")), NOW)
    assert sum(batch.num_rows for batch in question(report).answer(engine).batches) == 0


@every_report
def test_rows_can_be_sorted_by_every_column(report: Report, tmp_path):
    engine = Engine(write_store(tmp_path, OBSERVATIONS), Selection(), NOW)
    names = [column.name for column in question(report).columns if column.show is not Show.DRAWN]
    for name in names:
        ascending, descending = (
            [
                row
                for batch in question(report, rows=RowOptions(sort_by=by)).answer(engine).batches
                for row in batch.to_pylist()
            ]
            for by in (name, f"-{name}")
        )
        assert [row[name] for row in ascending] == [row[name] for row in reversed(descending)]


@every_report
def test_an_unknown_sort_column_is_an_error_that_lists_the_columns(report: Report):
    with pytest.raises(UsageError) as failed:
        _ = question(report, rows=RowOptions(sort_by="nonsense")).sql
    assert str(failed.value) == 'cannot sort by "nonsense"'
    assert question(report).columns[-1].name in (failed.value.hint or "")


@every_report
def test_the_printed_sql_runs_unchanged(report: Report, tmp_path):
    engine = Engine(write_store(tmp_path, OBSERVATIONS), Selection(), NOW)
    drawn = [column.name for column in question(report).columns if column.show is Show.DRAWN]
    printed = [row for batch in engine.batches(question(report).shown_sql) for row in batch.to_pylist()]
    answer = [row for batch in question(report).answer(engine).batches for row in batch.to_pylist()]
    assert printed == [{name: value for name, value in row.items() if name not in drawn} for row in answer]


@every_report
def test_the_summary_fits_on_one_line_of_help(report: Report):
    assert 10 < len(report.summary) < 66
    assert not report.summary.endswith(".")


@every_report
def test_rows_can_be_grouped_by_every_by_column(report: Report, tmp_path):
    engine = Engine(write_store(tmp_path, OBSERVATIONS), Selection(), NOW)
    for by in report.by:
        result = question(report, by=by).answer(engine)
        assert by in [column.name for column in result.columns]
        values = [row[by] for batch in result.batches for row in batch.to_pylist()]
        assert any(value is not None for value in values)
