"""The engine only reads, and its errors show where the SQL is wrong."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from kevents.demo import INCIDENT
from kevents.errors import QueryError, StoreError, UsageError
from kevents.query.damage_policy import DamagePolicy
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.store.store import Store
from tests.observations import NOW, at, observation, write_store
from tests.query.conftest import RunSql
from tests.screen import run


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS n",
        "FROM events SELECT 1 AS n LIMIT 1",
        "WITH a AS (SELECT 1 AS n) FROM a",
        "VALUES (1)",
        "DESCRIBE events",
        "SUMMARIZE events",
        "SHOW TABLES",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "PIVOT (SELECT type, reason FROM events) ON type USING count(*)",
        "SELECT 'copy' AS \"copy\" -- copy\n;",
        "SELECT 1 AS copy",
        "SELECT count(*) copy, 2 AS load FROM events",
        "SELECT (copy IS NULL), (copy + 1) FROM (SELECT 1 AS copy)",
        "SELECT replace(copy, 'a', 'b') FROM (SELECT 'COPY (x) TO y' AS copy)",
        "EXPLAIN ANALYZE SELECT 1 AS copy",
    ],
)
def test_statements_that_read_run(sql, run_sql: RunSql):
    assert run_sql([observation(at("09:00"))], sql)


@pytest.mark.parametrize(
    "sql",
    [
        "COPY events TO '{}'",
        "copy (PIVOT events ON type) TO '{}'",
        "WITH a AS (COPY events TO '{}') SELECT 1",
        "EXPLAIN ANALYZE COPY events TO '{}'",
        "EXPLAIN (ANALYZE, FORMAT json) COPY events TO '{}'",
        "/* */ EXPLAIN /* */ ANALYZE WITH a AS (/* */ COPY /**/ events TO '{}') SELECT 1",
        "WITH a AS MATERIALIZED ( COPY events TO '{}') SELECT 1",
        "WITH a AS (INSERT INTO events VALUES (1) RETURNING *) FROM a",
        "EXPLAIN ANALYZE CREATE TABLE a AS SELECT 1",
        "EXPLAIN (FORMAT json, ANALYZE) CREATE TABLE a AS SELECT 1",
        "CREATE TABLE a AS PIVOT events ON type",
        "EXPORT DATABASE '{}'",
        "ATTACH '{}' AS other",
        "CREATE TABLE a AS SELECT 1",
        "INSERT INTO events VALUES (1)",
        "DELETE FROM events",
        "DROP VIEW events",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 1",
        "PRAGMA version",
        "CALL pragma_version()",
        "CHECKPOINT",
    ],
)
def test_statements_that_write_are_refused_with_their_keyword(sql, tmp_path: Path):
    files = write_store(tmp_path, [observation(at("09:00"))])
    before = files[0].path.read_bytes()
    with pytest.raises(QueryError, match=r"^[A-Z]+ is not allowed: queries are read-only$"):
        Engine(files, Selection(), NOW).batches(sql.format(files[0].path))
    assert files[0].path.read_bytes() == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{}')",
        "SELECT * FROM read_csv('{}')",
        "SELECT * FROM read_parquet('{}')",
        "SELECT * FROM read_blob('{}')",
        "SELECT * FROM glob('{}')",
        "SELECT * FROM '{}'",
        "WITH a AS (INSERT INTO events VALUES (1)) SELECT 1",
    ],
)
def test_other_files_cannot_be_read(sql, tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    files = write_store(tmp_path, [observation(at("09:00"))])
    with pytest.raises(QueryError):
        list(Engine(files, Selection(), NOW).batches(sql.format(secret)))


def test_python_variables_are_not_tables(run_sql: RunSql):
    rows = [observation(at("09:00"))]
    with pytest.raises(QueryError, match="Table with name rows does not exist"):
        run_sql(rows, "FROM rows")


def test_an_error_shows_line_and_column_and_the_nearest_name(run_sql: RunSql):
    with pytest.raises(QueryError) as failed:
        run_sql([], "SELECT 'größe', count(*)\nFROM events\nWHERE 'ß' = reson")
    assert str(failed.value) == 'line 3, column 13: Referenced column "reson" not found in FROM clause!'
    line, caret, advice = (failed.value.hint or "").split("\n")
    assert (line, caret) == ("WHERE 'ß' = reson", "  " + " " * 12 + "^^^^^")
    assert '"reason"' in advice


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("SELEC 1", 'line 1, column 1: syntax error at or near "SELEC"'),
        ("FROM evnts", "line 1, column 6: Table with name evnts does not exist!"),
        ("SELECT 1; SELECT 2", "only one statement at a time"),
        ("", "no SQL to run"),
        ("-- nothing", "no SQL to run"),
    ],
)
def test_invalid_sql_is_reported_in_one_sentence(sql, sentence, run_sql: RunSql):
    with pytest.raises(QueryError) as failed:
        run_sql([], sql)
    assert str(failed.value) == sentence


def test_an_error_after_the_first_rows_is_reported(run_sql: RunSql):
    with pytest.raises(QueryError, match=r"line 1, column 54: Could not convert string 'a200000' to INT32"):
        run_sql([], "SELECT CASE WHEN range >= 200000 THEN ('a' || 200000)::INTEGER END FROM range(300000)")


def test_parameters_are_bound(run_sql: RunSql):
    sql = "SELECT $a AS a, $b AS b"
    assert run_sql([], sql, {"a": "' OR 1", "b": 2}) == [{"a": "' OR 1", "b": 2}]


def test_missing_and_unused_parameters_are_usage_errors(run_sql: RunSql):
    with pytest.raises(UsageError, match=r"^missing value for SQL parameter \$b$"):
        run_sql([], "SELECT $a, $b", {"a": 1})
    with pytest.raises(UsageError, match=r"^the SQL has no parameter \$c$"):
        run_sql([], "SELECT 1", {"c": 1})


def values(engine: Engine, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in engine.rows(sql)]


def test_engines_that_share_a_database_have_their_own_selections(tmp_path: Path):
    # an event with 5 occurrences in an hour, of which the newest 2 are after 09:30; and another one
    rows = [
        observation(at("10:00"), first_seen=at("09:00"), count=5, reason="BackOff"),
        observation(at("09:10"), name="web-2", reason="Killing", clock_ns=2),
    ]
    everything = Engine(write_store(tmp_path, rows), Selection(), NOW)
    late = everything.for_selection(Selection(since=at("09:31")))
    killing = late.for_selection(Selection(reasons=("Killing",)))
    occurrences = "SELECT sum(occurrences)::INTEGER FROM occurrences"
    severities = "SELECT DISTINCT severity FROM events ORDER BY ALL"
    for _ in range(2):  # in any order, repeatedly
        assert values(late, occurrences) == [(2,)]
        assert values(everything, occurrences) == [(6,)]
        assert values(killing, occurrences) == [(1,)]
        assert values(killing, severities) == [("notice",)]
        assert values(everything, severities) == [("error",), ("notice",)]
        assert values(late, "SELECT window_start() = TIMESTAMPTZ '2026-11-20 09:31:00Z'") == [(True,)]
        assert values(everything, "SELECT window_start()") == [(None,)]


def test_an_engine_that_shares_a_database_is_as_restricted_as_the_first(tmp_path: Path):
    other = Engine(write_store(tmp_path, [observation(at("10:00"))]), Selection(), NOW).for_selection(Selection())
    with pytest.raises(QueryError, match=r"^SQL can only read the views of the store$"):
        values(other, "SELECT * FROM read_text('/etc/hosts')")
    with pytest.raises(QueryError, match=r"^line 1, column 8"):
        values(other, "SELECT nonsense FROM events")
    assert values(other, "SELECT current_setting('TimeZone')") == [("UTC",)]


@pytest.mark.parametrize("content", [None, b"", b"PAR1" + bytes(100)])
@pytest.mark.parametrize("victim", [0, 1])
def test_a_file_that_disappears_between_two_engines_is_excluded(victim: int, content: bytes | None, tmp_path: Path):
    for cluster in ("east", "west"):
        assert run("import", str(INCIDENT), "--cluster", cluster, "--store", str(tmp_path / "store")).status == 0
    warnings: list[str] = []
    first = Engine(
        Store.open(tmp_path / "store").snapshot().files, Selection(), NOW, damage=DamagePolicy(warnings.append)
    )
    ((total,),) = values(first, "SELECT count(*)::INTEGER FROM events")
    lost = first.files[victim].path
    lost.unlink() if content is None else lost.write_bytes(content)
    for other in (first.for_selection(Selection(kinds=("*",))), first.for_selection(Selection())):
        assert values(other, "SELECT count(*)::INTEGER FROM events") == [(total // 2,)]
    assert [lost.name in warning for warning in warnings] == [True]


def _interrupt_until(caught: threading.Event) -> None:
    """Send SIGINT until it is caught: one that arrives inside a finalizer is lost, because Python ignores it there."""
    while not caught.wait(1):
        os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_cancels_a_running_query():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may have been started with SIGINT ignored
    endless = "SELECT count(*) FROM range(1_000_000_000) a, range(1_000_000) b WHERE (a.range * b.range) % 7 = 3"
    engine, caught = Engine([], Selection(), NOW), threading.Event()
    threading.Thread(target=_interrupt_until, args=(caught,)).start()
    with pytest.raises(KeyboardInterrupt):
        try:
            list(engine.batches(endless))
        finally:
            caught.set()


@pytest.mark.parametrize("content", [b"", b"PAR1" + bytes(100), None])
def test_the_error_for_a_broken_or_missing_file_names_it(content: bytes | None, tmp_path: Path):
    files = write_store(tmp_path, [observation(at("09:00"))])
    files[0].path.unlink() if content is None else files[0].path.write_bytes(content)
    with pytest.raises(StoreError, match=r"^cannot read the store: .*part-1\.parquet"):
        Engine(files, Selection(), NOW)
