"""Custom reports: SQL files that become commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "reports"
    path.mkdir(parents=True)
    return path


SMALL = """\
-- summary = "Events by reason"
-- order = ["reason"]
-- Text between the lines that is not TOML is ignored.
-- [columns]
-- reason = "text"
-- n = "number"
SELECT reason, count(*) AS n FROM events GROUP BY ALL
"""


def test_a_file_is_a_command_with_help_filters_and_formats(kevents, directory):
    (directory / "mine.sql").write_text(SMALL)
    assert "Events by reason." in kevents("mine", "--help").out or kevents("--help").status == 0
    assert json.loads(kevents("mine", "--reason", "Killing", "-o", "json").out) == [{"reason": "Killing", "n": 1}]


def test_the_template_runs_unchanged(kevents):
    created = kevents("reports", "new", "node-warnings")
    assert created.status == 0
    rows = json.loads(kevents("node-warnings", "-o", "json").out)
    assert [(row["reason"], row["occurrences"]) for row in rows] == [("BackOff", 13)]
    assert kevents("node-warnings", "--min-objects", "2").out == ""


def test_an_existing_or_invalid_name_is_refused(kevents):
    assert kevents("reports", "new", "mine").status == 0
    assert "already exists" in kevents("reports", "new", "mine").err
    assert '"list" is a built-in command' in kevents("reports", "new", "list").err
    assert "is not a valid report name" in kevents("reports", "new", "../../etc").err


def test_reports_list_shows_all_reports_and_their_origin(kevents, directory):
    (directory / "mine.sql").write_text(SMALL)
    rows = {row["report"]: row for row in json.loads(kevents("reports", "list", "-o", "json").out)}
    assert rows["mine"] == {"report": "mine", "summary": "Events by reason", "from": str(directory / "mine.sql")}
    assert rows["reasons"]["from"] == "kevents"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", 'header is missing "summary"'),
        ("-- summary = oops\nSELECT 1", "is not valid TOML"),
        (SMALL.replace("summary", "sumary"), 'unknown key "sumary"'),
        (SMALL.replace('n = "number"', 'n = "nmber"'), 'kind of n cannot be "nmber"'),
        (SMALL.partition("SELECT")[0], "no SELECT after"),
    ],
)
def test_a_broken_file_is_reported_and_skipped(kevents, directory, text, message):
    (directory / "mine.sql").write_text(text)
    reports = kevents("reports", "list")
    assert reports.status == 0
    assert message in reports.err
    assert str(directory / "mine.sql") in reports.err
    for flags in ([], ["-n", "shop", "-o", "json"], ["--help"]):
        screen = kevents("mine", *flags)
        assert screen.status == 2
        assert message in screen.err


def test_a_summary_can_end_with_a_period(kevents, directory, capsys):
    (directory / "mine.sql").write_text(SMALL.replace('by reason"', 'by reason."'))
    kevents("mine", "--help")
    assert "Events by reason.\n" in capsys.readouterr().out


def test_a_custom_report_does_not_replace_a_command(kevents, directory):
    (directory / "list.sql").write_text(SMALL)
    assert kevents("list").out.startswith("LAST SEEN")
    assert '"list" is a built-in command' in kevents("reports", "list").err


def test_invalid_sql_is_a_query_error(kevents, directory):
    (directory / "mine.sql").write_text(SMALL.replace("FROM events", "FROM nothing"))
    screen = kevents("mine")
    assert screen.status == 5
    assert "nothing" in screen.err


def test_reports_show_prints_the_file(kevents, directory):
    (directory / "mine.sql").write_text(SMALL)
    assert kevents("reports", "show", "mine").out == SMALL
    assert kevents("reports", "show", "reasons").out.startswith('-- summary = "Count occurrences by reason')
    assert "Did you mean reasons?" in kevents("reports", "show", "reason").err
