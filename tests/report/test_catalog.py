"""The catalog of reports: parsing of report files, default limits and sentences for empty results."""

from __future__ import annotations

import json
from pathlib import Path

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.catalog import parse, reports
from kevents.report.question import Question
from kevents.result import Column, Kind, Show
from tests.cli.conftest import event
from tests.observations import NOW
from tests.screen import run


def test_a_report_file_is_parsed():
    text = """\
-- summary = "Pods by node"
-- by = ["node"]
-- order = ["n DESC"]
-- [columns]
-- node = "text"
-- n = { kind = "number", show = "wide", label = "PODS" }
SELECT node, count(*) AS n -- not the header
FROM events GROUP BY node
"""
    pods = parse("pods", text)
    assert (pods.name, pods.summary, pods.by) == ("pods", "Pods by node", ("node",))
    assert pods.columns == (Column("node"), Column("n", Kind.NUMBER, Show.WIDE, "PODS"))
    assert pods.sql == "SELECT node, count(*) AS n -- not the header\nFROM events GROUP BY node"


def test_the_documented_reports_exist():
    assert {"list", "reasons", "counts", "images"} <= reports().keys()
    assert reports()["list"].aliases == ("get",)


def test_a_note_says_how_to_see_more_than_the_default_limit():
    header = '-- summary = "x"\n-- order = ["n"]\n-- keeps_newest = true\n-- cap = 3\n-- [columns]\n-- n = "number"\n'
    result = Question(parse("x", header + "SELECT range AS n FROM range(5)"), capped=True).answer(
        Engine([], Selection(), NOW)
    )
    assert [row["n"] for batch in result.batches for row in batch.to_pylist()] == [2, 3, 4]
    assert result.notes == ["Showing the newest 3 rows; use --limit N, or --limit 0 for all."]


def test_a_report_without_rows_says_what_was_not_found(tmp_path: Path):
    env = {"KEVENTS_STORE": str(tmp_path / "store"), "HOME": str(tmp_path)}
    (tmp_path / "dump.json").write_text(json.dumps(event(1, "09:30:00")))
    assert run("import", str(tmp_path / "dump.json"), env=env).status == 0
    for arguments, sentence in (
        (("nodes",), "No node problems found."),
        (("restarts",), "No restarts found."),
        (("rollouts",), "No rollouts found."),
        (("images",), "No image pulls found."),
        (("images", "nginx"), "No pulls of this image found."),
        (("counts",), "No repeated events found."),
        (("list", "--reason", "Odd"), "No events found."),
    ):
        first, *explanation = run(*arguments, "--as-of", "last", env=env).err.splitlines()
        assert first == sentence
        assert explanation, "what was searched"
