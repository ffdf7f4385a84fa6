"""Time lines as command lines: what the moment may be, formats, mistakes."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run, event

AT = ("--as-of", "2026-11-20T09:30:00Z", "--utc")


def test_it_says_what_it_looks_around_and_shows_offsets(kevents: Run):
    shown = kevents("timeline", *AT, "--around", "pod/web-1", "--window", "5m").out.splitlines()
    assert shown[0] == (
        "Around 2026-11-20 09:00:00Z, when Started of Pod/web-1 (info) began: the worst event of Pod shop/web-1."
    )
    assert shown[2].split() == ["OFFSET", "SEVERITY", "OBJECT", "REASON", "TIMES", "MESSAGE"]
    assert [line.split()[0] for line in shown[3:]] == ["-5m", "0s"]  # BackOff each 5 minutes, from 08:55 on


@pytest.mark.parametrize("around", ["09:00", "30m", "web-1.1", "po/web-1"])
def test_a_moment_is_a_time_an_event_or_an_object(around, kevents: Run):
    rows = json.loads(kevents("timeline", *AT, "--around", around, "--window", "1m", "-o", "json").out)
    assert ("Pod/web-1", 0) in [(row["object"], row["offset"]) for row in rows]


def test_without_a_moment_it_is_that_of_the_worst_event(kevents: Run):
    said = kevents("timeline", *AT).out
    assert "when BackOff of Pod/web-2 (error) began: the worst event there is." in said


def test_mistakes_are_answered_with_what_may_be_meant(kevents: Run):
    assert "no time, no TYPE/NAME and no name of an event" in kevents("timeline", "--around", "someday").err
    assert "pod/web-1 in shop" in kevents("timeline", "--around", "pod/web").err
    assert kevents("timeline", "--window", "long").status == 2
    assert "no such events in this window" in kevents("timeline", *AT, "--around", "pod/web-1", "--since", "5m").err


def test_nothing_to_look_around_is_an_answer(kevents: Run):
    ended = kevents("timeline", *AT, "-n", "nowhere")
    assert (ended.status, ended.out) == (0, "")
    assert ended.err.startswith("No events found in nowhere namespace.\n")
    assert kevents("timeline", *AT, "-n", "nowhere", "-o", "json").out == "[]\n"


def test_every_format_has_it(kevents: Run):
    for format_ in ("table", "wide", "markdown", "json", "jsonl", "yaml", "csv", "tsv"):
        assert kevents("timeline", *AT, "-o", format_).status == 0


def test_its_sql_can_be_seen(kevents: Run):
    assert "TIMESTAMPTZ '2026-11-20T09:00:00+00:00'" in kevents("timeline", *AT, "--around", "9:00", "--show-sql").out


def test_hostile_text_stays_text(kevents: Run, tmp_path):
    dump = tmp_path / "hostile.json"
    dump.write_text(json.dumps(event(7, "09:00:01", reason="FailedMount", type="Warning", message="\x1b[2J\u202eevil")))
    kevents("import", str(dump))
    shown = kevents("timeline", *AT, "--around", "9:00")
    assert "^[[2J\\u202eevil" in shown.out
    assert "\x1b" not in shown.out + shown.err
