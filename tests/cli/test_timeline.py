"""Command lines of `kevents timeline`: the center, formats, errors."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run, event

AT = ("--as-of", "2026-11-20T09:30:00Z", "--utc")


def test_the_heading_names_the_center_and_rows_have_offsets(kevents: Run):
    lines = kevents("timeline", *AT, "--around", "pod/web-1", "--window", "5m").out.splitlines()
    assert lines[0] == (
        "Around 2026-11-20 09:00:00Z: start of Started on Pod/web-1 (info), the worst event of Pod shop/web-1."
    )
    assert lines[2].split() == ["OFFSET", "SEVERITY", "OBJECT", "REASON", "TIMES", "MESSAGE"]
    assert [line.split()[0] for line in lines[3:]] == ["-5m", "0s"]  # BackOff every 5 minutes since 08:55


@pytest.mark.parametrize("around", ["09:00", "30m", "web-1.1", "po/web-1"])
def test_the_center_can_be_a_time_an_event_or_an_object(around, kevents: Run):
    rows = json.loads(kevents("timeline", *AT, "--around", around, "--window", "1m", "-o", "json").out)
    assert ("Pod/web-1", 0) in [(row["object"], row["offset"]) for row in rows]


def test_the_default_center_is_the_worst_event(kevents: Run):
    output = kevents("timeline", *AT).out
    assert "start of BackOff on Pod/web-2 (error), the worst event found." in output


def test_mistakes_are_answered_with_what_may_be_meant(kevents: Run):
    assert "is not a time, TYPE/NAME or event name" in kevents("timeline", "--around", "someday").err
    assert "pod/web-1 in shop" in kevents("timeline", "--around", "pod/web").err
    assert kevents("timeline", "--window", "long").status == 2
    assert "no matching events of Pod/web-1" in kevents("timeline", *AT, "--around", "pod/web-1", "--since", "5m").err


def test_an_empty_selection_is_not_an_error(kevents: Run):
    screen = kevents("timeline", *AT, "-n", "nowhere")
    assert (screen.status, screen.out) == (0, "")
    assert screen.err.startswith("No events found in nowhere namespace.\n")
    assert kevents("timeline", *AT, "-n", "nowhere", "-o", "json").out == "[]\n"


def test_every_format_can_be_written(kevents: Run):
    for format_ in ("table", "wide", "markdown", "json", "jsonl", "yaml", "csv", "tsv"):
        assert kevents("timeline", *AT, "-o", format_).status == 0


def test_show_sql_prints_the_sql(kevents: Run):
    assert "TIMESTAMPTZ '2026-11-20T09:00:00+00:00'" in kevents("timeline", *AT, "--around", "9:00", "--show-sql").out


def test_hostile_text_is_escaped(kevents: Run, tmp_path):
    dump = tmp_path / "hostile.json"
    dump.write_text(json.dumps(event(7, "09:00:01", reason="FailedMount", type="Warning", message="\x1b[2J\u202eevil")))
    kevents("import", str(dump))
    screen = kevents("timeline", *AT, "--around", "9:00")
    assert "^[[2J\\u202eevil" in screen.out
    assert "\x1b" not in screen.out + screen.err
