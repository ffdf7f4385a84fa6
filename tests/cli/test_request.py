"""Reports and SQL on a small store: filters, times, limits, formats."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from kevents.render.formats import NAMES
from kevents.store.catalog import Catalog
from kevents.store.coverage import ALL, Span, State
from kevents.store.journal import control_lines
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store
from tests.cli.conftest import EVENTS, Run, event
from tests.observations import File
from tests.screen import run
from tests.store.small_recorder import open_journal, record

AT = ("--as-of", "2026-11-20T09:30:00Z")

LIST = """\
LAST SEEN            TYPE      REASON    OBJECT      MESSAGE
30m                  Normal    Started   Pod/web-1   Started container app
20m (x13 over 80m)   Warning   BackOff   Pod/web-2   Back-off
10m                  Normal    Killing   Pod/web-3   Stopping
"""


def test_list_prints_the_table_of_kubectl_events(kevents: Run):
    assert kevents("list", *AT).out == LIST
    assert kevents("get", *AT) == kevents("list", *AT)


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (["--since", "25m"], ["web-2", "web-3"]),
        (["--since", "09:10", "--utc"], ["web-2", "web-3"]),
        (["--until", "20m"], ["web-1"]),
        (["--type", "Warning"], ["web-2"]),
        (["--reason", "Started,Killing"], ["web-1", "web-3"]),
        (["--reason", "!Started"], ["web-2", "web-3"]),
        (["-n", "shop", "--for", "po/web-1"], ["web-1"]),
        (["-n", "other"], []),
        (["-n", "other", "-A"], ["web-1", "web-2", "web-3"]),
        (
            ["--cluster", "default", "--kind", "pods", "--node", "node-a", "--component", "kubelet"],
            ["web-1", "web-2", "web-3"],
        ),
        (["--grep", "^St"], ["web-1", "web-3"]),
        (["--min-count", "2"], ["web-2"]),
        (["--limit", "2"], ["web-2", "web-3"]),
        (["--sort-by", "-reason"], ["web-1", "web-3", "web-2"]),
        (["--sort-by", "-count", "--limit", "1"], ["web-2"]),
    ],
)
def test_filters_select_the_listed_events(flags, names, kevents: Run):
    documents = json.loads(kevents("list", *AT, *flags, "-o", "json").out)["items"]
    assert [document["involvedObject"]["name"] for document in documents] == names


def test_filters_apply_to_the_users_sql(kevents: Run):
    assert kevents("query", "SELECT name FROM events", "--type", "Warning", "-o", "csv").out == "name\nweb-2\n"
    # 13 in an hour, one each 5 minutes from 08:10 to 09:10
    sql = "SELECT sum(occurrences) AS n FROM occurrences"
    assert kevents("query", sql, *AT, "--since", "1h", "--reason", "BackOff", "-o", "csv").out == "n\n9\n"


@pytest.mark.parametrize("report", [["list"], ["reasons"], ["counts"], ["reasons", "--by", "node"]])
def test_the_sql_of_show_sql_gives_the_same_result_with_the_same_flags(report: list[str], kevents: Run):
    flags = (*AT, "--since", "1h", "-o", "csv")
    sql = kevents(*report, *flags, "--show-sql").out
    assert kevents("query", sql, *flags).out == kevents(*report, *flags).out


def test_as_of_last_counts_from_the_newest_event(kevents: Run):
    assert kevents("list", "--as-of", "last").out.splitlines()[-1].split()[0] == "0s"
    assert len(kevents("list", "--as-of", "last", "--since", "15m", "--no-headers").out.splitlines()) == 2


def test_an_old_store_has_a_note_only_in_formats_for_people(kevents: Run):
    note = r"Newest event: \S+ ago \(2026-11-20 09:20:00Z\)\. Add --as-of last to make --since, 10:30 and ages relative"
    assert re.fullmatch(rf"{note} to it\.\n", kevents("list", "--utc").err)
    assert kevents("list", "-o", "csv").err == ""
    assert kevents("list", "--as-of", "last").err == ""


def test_the_newest_event_is_not_one_in_the_future(tmp_path):
    now = datetime(2026, 11, 20, tzinfo=UTC)
    days = (date(2026, 11, 18), date(2026, 12, 24), None)
    seen = (datetime(2026, 11, 18, 5, tzinfo=UTC), datetime(2026, 12, 24, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
    files = tuple(File(tmp_path, "a", day, 1, last, last) for day, last in zip(days, seen, strict=True))
    assert Snapshot(Catalog(files), ()).newest(now) == seen[0]  # type: ignore[arg-type]
    assert Snapshot(Catalog(), ()).newest(now) is None


def test_the_message_for_an_empty_store_suggests_an_import(kevents: Run, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "catalog.json").write_text('{"format": 1, "files": []}')
    screen = kevents("list", "--store", str(tmp_path / "empty"))
    assert screen.status == 0
    assert screen.err == f"The store in {tmp_path / 'empty'} is empty: import a dump with kevents import FILE.\n"


def test_importing_the_output_of_list_adds_nothing(kevents: Run, tmp_path):
    for name in ("json", "jsonl", "yaml"):
        path = tmp_path / f"again.{name}"
        path.write_text(kevents("list", "-o", name).out)
        (row,) = json.loads(kevents("import", str(path), "-o", "json").out)
        assert (row["new"], row["known"]) == (0, 3)


def test_sql_can_be_an_argument_a_file_or_standard_input(kevents: Run, tmp_path):
    path = tmp_path / "ask.sql"
    path.write_text("SELECT count(*) AS n FROM events -- all\n")
    expected = "n\n3\n"
    assert kevents("query", "SELECT count(*) AS n FROM events", "-o", "csv").out == expected
    assert kevents("query", "-f", str(path), "-o", "csv").out == expected
    assert kevents("query", "-", "-o", "csv", stdin=path.read_text()).out == expected


def test_parameters_are_numbers_booleans_or_text(kevents: Run):
    sql = "SELECT $a + 1 AS a, $b AS b, $c AS c, $d AS d"
    parameters = ("a=41", "b=true", "c=007", "d=x=y")
    flags = [part for text in parameters for part in ("--param", text)]
    assert json.loads(kevents("query", sql, *flags, "-o", "json").out) == [{"a": 42, "b": True, "c": "007", "d": "x=y"}]


def test_rows_of_sql_can_be_sorted_and_limited(kevents: Run):
    sql = "SELECT name, count FROM events"
    assert kevents("query", sql, "--sort-by", "-count", "--limit", "1", "-o", "csv").out == "name,count\nweb-2,13\n"
    assert "One of: name, count" in kevents("query", sql, "--sort-by", "x").err


def test_a_terminal_gets_a_thousand_rows_and_a_pipe_all_rows(kevents: Run):
    screen = kevents("query", "FROM range(1001)", is_terminal=True)
    assert len(screen.out.splitlines()) == 1 + 1000
    assert screen.err.startswith("Showing the first 1,000 rows; use --limit N")
    assert len(kevents("query", "FROM range(1001)").out.splitlines()) == 1 + 1001
    assert len(kevents("query", "FROM range(1001)", "--limit", "0", is_terminal=True).out.splitlines()) == 1 + 1001


def test_the_schema_can_be_written_in_any_format(kevents: Run):
    rows = json.loads(kevents("query", "--schema", "-o", "json").out)
    assert {row["view"] for row in rows} >= {"events", "occurrences", "pulls", "observations"}
    assert {"view": "events", "column": "reason", "type": "VARCHAR"}.items() <= next(
        row for row in rows if row["view"] == "events" and row["column"] == "reason"
    ).items()


def test_a_gap_in_the_window_has_a_note_only_in_formats_for_people(kevents: Run, tmp_path):
    times = [datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (8, 9, 10, 11)]
    journal = open_journal(Store(tmp_path / "store"))
    for start, end in (times[:2], times[2:]):
        journal.note(*control_lines.span(Span(ALL, State.WATCHED, start, end)))
    journal.close()
    window = (*AT, "--since", "2h", "--utc")
    note = "prod was not recorded from 2026-11-20 09:00:00Z to 2026-11-20 10:00:00Z; updates may be missing."
    assert kevents("reasons", *window).err.startswith(note)
    assert kevents("reasons", *window, "-o", "json").err == ""
    assert "not recorded" not in kevents("reasons", *AT).err
    assert "not recorded" not in kevents("reasons", *window, "--cluster", "default").err


def test_events_recorded_just_now_are_in_every_result(kevents: Run, tmp_path):
    journal = open_journal(Store(tmp_path / "store"), cluster="default")
    newest = event(4, "09:25:00", reason="Failed")
    journal.write([json.dumps(each).encode() for each in (*EVENTS, newest)])
    journal.sync()
    assert kevents("list", *AT, "--no-headers").out.splitlines()[-1].split()[:3] == ["5m", "Normal", "Failed"]
    assert len(kevents("list", *AT, "--no-headers").out.splitlines()) == 4
    assert kevents("list", "--as-of", "last").out.splitlines()[-1].split()[:3] == ["0s", "Normal", "Failed"]
    (row,) = json.loads(kevents("store", "info", "-o", "json").out)
    assert (row["observations"], row["events"], row["files"]) == (4, 4, 2)
    assert row["bytes"] > row["bytes_per_observation"] * 3
    journal.close()


def test_a_store_with_only_a_journal_is_a_store(kevents: Run, tmp_path):
    journal = open_journal(Store(tmp_path / "new"))
    assert "is empty" in kevents("list", "--store", str(tmp_path / "new")).err
    record(journal, 1)
    assert len(kevents("list", "--store", str(tmp_path / "new"), "--no-headers").out.splitlines()) == 1
    journal.close()


def test_rows_of_sql_are_sorted_by_severity_from_info_to_critical(kevents: Run):
    sql = "SELECT unnest(['error', 'info', 'critical', 'odd']) AS severity"
    rows = kevents("query", sql, "--sort-by", "-severity", "--no-headers", "-o", "csv").out.split()
    assert rows == ["critical", "error", "info", "odd"]


def test_a_timestamp_of_sql_is_a_timestamp_and_a_column_keeps_its_name(kevents: Run):
    sql = """
        SELECT TIMESTAMPTZ '2026-11-20 10:00:00.25Z' AS lastSeen, TIMESTAMP '2026-11-20 10:00:00' AS local_time,
        date_trunc('hour', TIMESTAMPTZ '2026-11-20 10:30:00Z'), NULL::TIMESTAMPTZ AS missing
    """
    header, row = kevents("query", sql, "--tz", "Europe/Paris").out.splitlines()
    assert re.split(r"\s{3,}", header)[:2] == ["lastSeen", "local_time"]
    assert re.split(r"\s{3,}", row) == [
        "2026-11-20 11:00:00.25+01:00",
        "2026-11-20 10:00:00",
        "2026-11-20 11:00:00+01:00",
        "-",
    ]
    assert kevents("query", "SELECT now() AS t", "--time", "age", "--no-headers").out.strip() == "0s"


@pytest.mark.parametrize("output", NAMES)
def test_every_type_of_duckdb_can_be_written_in_every_format(output: str, tmp_path):
    store = ("--store", str(tmp_path / "store"))
    (tmp_path / "dump.json").write_text(json.dumps(EVENTS[0]))
    assert run("import", str(tmp_path / "dump.json"), *store).status == 0
    command = [sys.executable, "-m", "kevents", "query", "FROM test_all_types()", "-o", output, *store]
    process = subprocess.run(command, check=False, capture_output=True)
    assert (process.returncode, b"Traceback" in process.stderr) == (0, False)
    assert process.stdout
