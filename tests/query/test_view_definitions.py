"""The views are defined when SQL speaks of them, and nobody can tell."""

from datetime import UTC, datetime

import pytest

from kevents import duck
from kevents.errors import QueryError
from kevents.query import view_definitions
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.catalog import reports
from kevents.report.question import Question

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def asked(sql: str) -> list[dict[str, object]]:
    return [row for batch in Engine([], Selection(), NOW).batches(sql) for row in batch.to_pylist()]


@pytest.mark.parametrize("view", ["observations", "events", "occurrences", "pulls", "relations"])
def test_every_view_can_be_the_first_that_is_asked(view: str):
    assert asked(f"SELECT * FROM {view}") == []
    assert asked(f'select count(*) as n from "{view.upper()}"') == [{"n": 0}]


def test_views_can_be_asked_one_after_the_other():
    engine = Engine([], Selection(), NOW)
    for view in ("events", "relations", "pulls", "events", "occurrences"):
        batches = engine.batches(f"SELECT severity_rank('error') AS rank FROM {view}")
        assert sum(batch.num_rows for batch in batches) == 0


def test_a_name_that_is_composed_is_found():
    assert asked("FROM query_table('eve' || 'nts')") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW TABLES",
        "/* all\n*/ SHOW TABLES",
        "-- all\nshow tables",
        "SELECT view_name AS name FROM duckdb_views() WHERE NOT internal",
    ],
)
def test_who_asks_what_there_is_is_told_all(sql: str):
    assert {"observations", "events", "occurrences", "pulls", "relations"} <= {row["name"] for row in asked(sql)}


def test_a_wrong_name_is_answered_with_one_that_is_like_it():
    with pytest.raises(QueryError) as refused:
        asked("SELECT * FROM occurences")
    assert "occurrences" in f"{refused.value} {refused.value.hint}"


def needed(words: set[str], *, has_window: bool = False) -> set[str]:
    return view_definitions._needed(words, view_definitions._definitions(has_window=has_window))


def test_a_question_needs_few_of_the_definitions():
    assert needed({"1"}) == set()
    assert not {"relations", "pulls", "occurrences", "event_document"} & needed({"observations"})
    assert "stored.newest" not in needed({"occurrences", "newest"})
    assert "stored.rating_index" not in needed({"relations"})
    assert "window_rows" not in needed({"occurrences"})
    assert "window_rows" in needed({"occurrences"}, has_window=True)


def test_no_question_of_ours_defines_everything():
    for report in reports().values():
        asked_for = Question(report).sql
        assert not view_definitions._LISTING.search(view_definitions._code(asked_for)), report.name
        assert len(needed(view_definitions._words(view_definitions._code(asked_for)))) < 50, report.name


def test_no_definition_lacks_what_it_needs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(view_definitions.Views, "define_all", lambda _: pytest.fail("something was not defined"))
    for view in ("observations", "events", "occurrences", "pulls", "relations"):
        assert asked(f"SELECT * FROM {view}") == []
    for macro in ("shape_of('a')", "severity_rank('error')", "pull_took('a')", "stored.workload_of('a')"):
        assert len(asked(f"SELECT {macro} AS value")) == 1


def test_every_statement_of_the_views_is_a_definition():
    statements = [
        statement
        for file in sorted(view_definitions._DIR.glob("*.sql"))
        for statement in duck.connect().extract_statements(file.read_text("utf-8"))
    ]
    created = {one.text for is_any in (True, False) for one in view_definitions._definitions(has_window=is_any)}
    assert len(statements) == len(created)
