"""correlate as command lines: headings, mistakes, formats, hostile text."""

from __future__ import annotations

import json

from kevents.demo import INCIDENT
from tests.cli.conftest import Run, event
from tests.screen import run

AT = ("--as-of", "2026-11-20T09:30:00Z", "--utc")


def test_it_says_what_it_looks_around_and_why_a_line_is_there(kevents: Run):
    shown = kevents("correlate", "pod/web-1", *AT).out.splitlines()
    assert shown[0] == "Around 2026-11-20 09:00:00Z, when Started of Pod/web-1 (info) began."
    assert shown[2].split()[:3] == ["SURPRISE", "RELATED", "OFFSET"]
    assert [word.strip(",") for word in shown[3].split()[1:3]] == ["node", "namespace"]


def test_another_moment_can_be_looked_around(kevents: Run):
    rows = json.loads(kevents("correlate", "po", "web-1", *AT, "--around", "9:20", "--window", "1m", "-o", "json").out)
    assert [(row["object"], row["offset"]) for row in rows] == [("Pod/web-3", 0)]


def test_nothing_related_is_an_answer(kevents: Run):
    ended = kevents("correlate", "pod/web-1", *AT, "--window", "1m", "--reason", "Started")
    assert ended.status == 0
    assert ended.out.strip() == "Around 2026-11-20 09:00:00Z, when Started of Pod/web-1 (info) began."
    assert ended.err.strip() == "Nothing else that is related to it happened then."


def test_mistakes_are_answered_with_what_may_be_meant(kevents: Run):
    assert "pod/web-1 in shop" in kevents("correlate", "pod/web").err
    assert kevents("correlate", "web-1").err.startswith("kevents: correlate takes one TYPE/NAME")
    assert kevents("correlate", "pod/web-*").status == 2


def test_every_format_has_it(kevents: Run):
    for format_ in ("table", "wide", "markdown", "json", "jsonl", "yaml", "csv", "tsv"):
        assert kevents("correlate", "pod/web-1", *AT, "-o", format_).status == 0


def test_its_sql_can_be_seen_and_holds_names_as_text(kevents: Run, tmp_path):
    dump = tmp_path / "hostile.json"
    told = {"involvedObject": {"kind": "Pod", "namespace": "shop", "name": "it's'; DROP"}, "message": "\x1b[2J$name'"}
    dump.write_text(json.dumps(event(7, "09:00:01", **told)))
    kevents("import", str(dump))
    shown = kevents("correlate", "pod/it's'; DROP", *AT, "-o", "csv").out
    sql = kevents("correlate", "pod/it's'; DROP", *AT, "--show-sql").out
    assert kevents("query", sql, *AT, "-o", "csv").out == shown
    assert "\x1b" not in kevents("correlate", "pod/web-1", *AT).out


def test_of_a_deployment_without_trouble_of_its_own_its_familys_worst_event_counts(tmp_path):
    asked = run("import", str(INCIDENT), env={"KEVENTS_STORE": str(tmp_path)})
    assert asked.status == 0
    shown = run("correlate", "deploy/checkout", "--as-of", "last", env={"KEVENTS_STORE": str(tmp_path)}).shown
    assert "when BackOff of Pod/checkout-nnns6pdskv-nlnj4 (error) began" in shown.splitlines()[0]
