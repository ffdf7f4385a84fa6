"""Command lines of `kevents correlate`: headings, errors, formats, hostile text."""

from __future__ import annotations

import json

from kevents.demo import INCIDENT
from tests.cli.conftest import Run, event
from tests.screen import run

AT = ("--as-of", "2026-11-20T09:30:00Z", "--utc")


def test_the_heading_names_the_center_and_rows_show_how_they_are_related(kevents: Run):
    lines = kevents("correlate", "pod/web-1", *AT).out.splitlines()
    assert lines[0] == "Around 2026-11-20 09:00:00Z: start of Started on Pod/web-1 (info)."
    assert lines[2].split()[:3] == ["SURPRISE", "RELATED", "OFFSET"]
    assert [word.strip(",") for word in lines[3].split()[1:3]] == ["node", "namespace"]


def test_around_sets_another_center(kevents: Run):
    rows = json.loads(kevents("correlate", "po", "web-1", *AT, "--around", "9:20", "--window", "1m", "-o", "json").out)
    assert [(row["object"], row["offset"]) for row in rows] == [("Pod/web-3", 0)]


def test_no_related_events_is_not_an_error(kevents: Run):
    screen = kevents("correlate", "pod/web-1", *AT, "--window", "1m", "--reason", "Started")
    assert screen.status == 0
    assert screen.out.strip() == "Around 2026-11-20 09:00:00Z: start of Started on Pod/web-1 (info)."
    assert screen.err.strip() == "No related events found around that time."


def test_mistakes_are_answered_with_what_may_be_meant(kevents: Run):
    assert "pod/web-1 in shop" in kevents("correlate", "pod/web").err
    assert kevents("correlate", "web-1").err.startswith("kevents: correlate takes one TYPE/NAME")
    assert kevents("correlate", "pod/web-*").status == 2


def test_every_format_can_be_written(kevents: Run):
    for format_ in ("table", "wide", "markdown", "json", "jsonl", "yaml", "csv", "tsv"):
        assert kevents("correlate", "pod/web-1", *AT, "-o", format_).status == 0


def test_show_sql_contains_names_as_literals(kevents: Run, tmp_path):
    dump = tmp_path / "hostile.json"
    fields = {"involvedObject": {"kind": "Pod", "namespace": "shop", "name": "it's'; DROP"}, "message": "\x1b[2J$name'"}
    dump.write_text(json.dumps(event(7, "09:00:01", **fields)))
    kevents("import", str(dump))
    result = kevents("correlate", "pod/it's'; DROP", *AT, "-o", "csv").out
    sql = kevents("correlate", "pod/it's'; DROP", *AT, "--show-sql").out
    assert kevents("query", sql, *AT, "-o", "csv").out == result
    assert "\x1b" not in kevents("correlate", "pod/web-1", *AT).out


def test_for_a_deployment_without_bad_events_the_worst_event_of_its_family_is_the_center(tmp_path):
    env = {"KEVENTS_STORE": str(tmp_path)}
    assert run("import", str(INCIDENT), env=env).status == 0
    heading = run("correlate", "deploy/checkout", "--as-of", "last", env=env).out.splitlines()[0]
    assert "start of BackOff on Pod/checkout-nnns6pdskv-nlnj4 (error)" in heading
