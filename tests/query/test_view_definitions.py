"""Views are created when SQL first uses them, which is invisible to users."""

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


def rows(sql: str) -> list[dict[str, object]]:
    return Engine([], Selection(), NOW).rows(sql)


@pytest.mark.parametrize("view", ["observations", "events", "occurrences", "pulls", "relations"])
def test_every_view_can_be_queried_first(view: str):
    assert rows(f"SELECT * FROM {view}") == []
    assert rows(f'select count(*) as n from "{view.upper()}"') == [{"n": 0}]


def test_views_can_be_queried_one_after_the_other():
    engine = Engine([], Selection(), NOW)
    for view in ("events", "relations", "pulls", "events", "occurrences"):
        batches = engine.batches(f"SELECT severity_rank('error') AS rank FROM {view}")
        assert sum(batch.num_rows for batch in batches) == 0


def test_a_view_name_built_by_the_sql_is_found():
    assert rows("FROM query_table('eve' || 'nts')") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW TABLES",
        "/* all\n*/ SHOW TABLES",
        "-- all\nshow tables",
        "SELECT view_name AS name FROM duckdb_views() WHERE NOT internal",
    ],
)
def test_listing_views_shows_all_of_them(sql: str):
    assert {"observations", "events", "occurrences", "pulls", "relations"} <= {row["name"] for row in rows(sql)}


def test_a_wrong_name_is_answered_with_a_similar_one():
    with pytest.raises(QueryError) as refused:
        rows("SELECT * FROM occurences")
    assert "occurrences" in f"{refused.value} {refused.value.hint}"


def needed(words: set[str], *, has_window: bool = False) -> set[str]:
    return view_definitions._needed(words, view_definitions._definitions(has_window=has_window))


def test_a_query_creates_only_what_it_needs():
    assert needed({"1"}) == set()
    assert not {"relations", "pulls", "occurrences", "event_document"} & needed({"observations"})
    assert "stored.newest" not in needed({"occurrences", "newest"})
    assert "stored.rating_index" not in needed({"relations"})
    assert "window_rows" not in needed({"occurrences"})
    assert "window_rows" in needed({"occurrences"}, has_window=True)


def test_no_built_in_report_creates_everything():
    for report in reports().values():
        code = view_definitions._code(Question(report).sql)
        assert not view_definitions._LISTING.search(code), report.name
        assert len(needed(view_definitions._words(code))) < 50, report.name


def test_every_definition_finds_what_it_needs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(view_definitions.Views, "define_all", lambda _: pytest.fail("something was not created"))
    for view in ("observations", "events", "occurrences", "pulls", "relations"):
        assert rows(f"SELECT * FROM {view}") == []
    for macro in ("shape_of('a')", "severity_rank('error')", "pull_took('a')", "stored.workload_of('a')"):
        assert len(rows(f"SELECT {macro} AS value")) == 1


def test_every_statement_of_the_views_is_a_definition():
    statements = [
        statement
        for file in sorted(view_definitions._DIR.glob("*.sql"))
        for statement in duck.connect().extract_statements(file.read_text("utf-8"))
    ]
    created = {
        definition.text
        for has_window in (True, False)
        for definition in view_definitions._definitions(has_window=has_window)
    }
    assert len(statements) == len(created)
