"""The SQL of a report: its order, its limit, and what --show-sql prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.catalog import parse, reports
from kevents.report.question import Question
from tests.observations import NOW, at, observation, write_store
from tests.report.conftest import RunReport

REPORT = parse(
    "mine",
    """\
-- summary = "The values of all parameters"
-- by = ["reason", "kind"]
-- order = ["by"]
-- [columns]
-- by = "text"
-- name = "text"
-- other = "text"
-- [parameters]
-- other = { value = "text", metavar = "TEXT", help = "A text." }
SELECT $by AS by, $name AS name, $other AS other, '$5' AS price
""",
)


@pytest.mark.parametrize(
    ("name", "other"),
    [("$by", "$name"), ("$other", "$by"), ("$name and $other", "'$by'"), ("it's", "\\1 \\g<0>"), ("$names", "$")],
)
def test_a_value_that_contains_a_parameter_name_is_not_substituted_again(name: str, other: str, tmp_path: Path) -> None:
    question = Question(REPORT, by="kind", name=name, values={"other": other})
    engine = Engine(write_store(tmp_path, []), Selection(), NOW)
    (row,) = engine.rows(question.shown_sql)
    assert row == {"kind": "kind", "name": name, "other": other}


COUNTS = {"a": 7, "b": 1, "c": 5, "d": 3}  # in the order of time


def counted() -> list[dict[str, object]]:
    return [
        observation(at(f"09:0{minute}"), name=name, event_name=f"{name}.1", count=count)
        for minute, (name, count) in enumerate(COUNTS.items())
    ]


@pytest.mark.parametrize(
    ("sort_by", "expected"),
    [
        ("-count", [7, 5]),
        ("count", [1, 3]),
        ("-last_seen", [3, 5]),
        ("last_seen", [5, 3]),  # the newest, as without --sort-by
        (None, [5, 3]),
        ("object", [7, 1]),
    ],
)
def test_a_limit_keeps_the_first_rows_of_the_order_that_was_asked_for(
    report: RunReport, sort_by: str | None, expected: list[int]
) -> None:
    rows = report("list", counted(), RowOptions(sort_by, limit=2))
    assert [row["count"] for row in rows] == expected


def test_the_limit_of_a_terminal_keeps_the_first_rows_of_the_order_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_of_two = replace(reports()["list"], cap=2)
    result = Question(list_of_two, RowOptions("-count"), capped=True).answer(
        Engine(write_store(tmp_path, counted()), Selection(), NOW)
    )
    assert [row["count"] for batch in result.batches for row in batch.to_pylist()] == [7, 5]
    assert result.notes == ["Showing the first 2 rows; use --limit N, or --limit 0 for all."]


@pytest.mark.parametrize(("sort_by", "expected"), [("severity", ["info", "error"]), ("-severity", ["error", "info"])])
def test_severities_are_sorted_by_how_bad_they_are(report: RunReport, sort_by: str, expected: list[str]) -> None:
    failing = {"reason": "BackOff", "type": "Warning", "source_component": "kubelet", "message": "Back-off restarting"}
    rows = [observation(at("09:00"), reason="Started"), observation(at("09:01"), event_name="web-1.2", **failing)]
    assert [row["severity"] for row in report("list", rows, RowOptions(sort_by))] == expected
    assert [row["severity"] for row in report("reasons", rows, RowOptions(sort_by), by="severity")] == expected
