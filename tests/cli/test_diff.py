"""Command lines of `kevents diff`: what is compared, coverage, errors, formats, hostile text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kevents.cli.main import main
from kevents.cli.terminal import Terminal
from kevents.store.coverage import ALL, Span, State
from kevents.store.journal import control_lines
from kevents.store.store import Store
from tests.cli.conftest import Run, Stream, event
from tests.screen import run
from tests.store.small_recorder import open_journal

AT = ("--as-of", "2026-11-20T09:30:00Z", "--utc")


def import_events(kevents: Run, tmp_path: Path, *events: dict, cluster: str = "default") -> None:
    dump = tmp_path / "more.json"
    dump.write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": events}))
    assert kevents("import", str(dump), "--cluster", cluster).status == 0


def record_coverage(tmp_path: Path, *spans: tuple[str, str], cluster: str = "default") -> None:
    journal = open_journal(Store(tmp_path / "store"), cluster=cluster)
    for ends in spans:
        start, end = (datetime.fromisoformat(f"2026-11-20T{clock}").replace(tzinfo=UTC) for clock in ends)
        journal.note(*control_lines.span(Span(ALL, State.WATCHED, start, end)))
    journal.close()


def test_the_time_before_a_moment_is_compared_with_the_time_since(kevents: Run, tmp_path):
    record_coverage(tmp_path, ("08:00", "09:30"))
    lines = kevents("diff", "--before", "09:00", *AT, "--by", "reason", "--all").out.splitlines()
    assert lines[0] == "Before: from 2026-11-20 08:30:00Z to 2026-11-20 09:00:00Z, 30m."
    assert lines[1] == "After: from 2026-11-20 09:00:00Z to 2026-11-20 09:30:00Z, 30m."
    # BackOff: one each 5 minutes from 08:10 to 09:10
    back_off = next(line.split() for line in lines if "BackOff" in line)
    assert back_off[:6] == ["same", "0.5", "error", "BackOff", "6", "3"]


def test_the_later_window_includes_its_last_moment(kevents: Run, tmp_path):
    record_coverage(tmp_path, ("08:00", "09:30"))
    at_last = (
        "--as-of",
        "2026-11-20T09:10:00Z",
        "--utc",
        "--by",
        "reason",
        "--all",
        "-o",
        "json",
        "--reason",
        "BackOff",
    )
    (row,) = json.loads(kevents("diff", "--before", "09:00", *at_last).out)
    assert row["after"] == 3  # 09:00, 09:05 and 09:10


def test_rates_use_only_covered_time_and_the_heading_shows_the_gap(kevents: Run, tmp_path):
    record_coverage(tmp_path, ("08:00", "08:40"), ("08:55", "09:30"))
    screen = kevents("diff", "--before", "09:00", *AT, "--all", "-o", "json", "--reason", "BackOff")
    (row,) = json.loads(screen.out)
    assert row["rate_before"] == pytest.approx(6 / 15)  # 15 of 30 minutes were recorded
    assert row["rate_after"] == pytest.approx(3 / 30)
    output = kevents("diff", "--before", "09:00", *AT).out
    assert "Before: from 2026-11-20 08:30:00Z to 2026-11-20 09:00:00Z, 30m, 15m of it not covered." in output


def test_a_window_without_coverage_can_not_be_compared(kevents: Run, tmp_path):
    record_coverage(tmp_path, ("09:00", "09:30"))
    screen = kevents("diff", "--before", "2026-11-19..2026-11-20T01:00", "--after", "09:00..09:30", *AT)
    assert (screen.status, screen.out) == (5, "")
    assert screen.err.startswith("kevents: no coverage from 2026-11-19 00:00:00Z to 2026-11-20 01:00:00Z")


def test_a_deployment_stands_for_its_last_rollout(kevents: Run, tmp_path):
    def scaled(n: int, clock: str, words: str) -> dict:
        deployment = {"kind": "Deployment", "namespace": "shop", "name": "web"}
        return event(n, clock, reason="ScalingReplicaSet", message=f"Scaled {words}", involvedObject=deployment)

    import_events(
        kevents,
        tmp_path,
        scaled(11, "08:20:00", "up replica set web-6b75c97d68 to 1"),
        scaled(12, "09:05:00", "up replica set web-77d446d75f to 1"),
        scaled(13, "09:05:10", "down replica set web-6b75c97d68 to 0"),
    )
    lines = kevents("diff", "--before", "deploy/web", *AT).out.splitlines()
    assert lines[0] == "Around 2026-11-20 09:05:00Z: start of the rollout of Deployment/web."
    assert lines[2] == "After: from 2026-11-20 09:05:00Z to 2026-11-20 09:30:00Z, 25m, 10m of it not covered."
    screen = kevents("diff", "--before", "deploy/nope", *AT)
    assert (screen.status, screen.err.splitlines()[0]) == (5, "kevents: no rollout of Deployment/nope found")


def test_an_object_stands_for_its_worst_event(kevents: Run, tmp_path):
    record_coverage(tmp_path, ("08:00", "09:30"))
    lines = kevents("diff", "--after", "pod/web-3", *AT, "--since", "2026-11-20T08:00Z").out.splitlines()
    assert lines[0].startswith("Around 2026-11-20 09:20:00Z: start of Killing on Pod/web-3 (notice),")
    assert lines[1].startswith("Before: from 2026-11-20 08:00:00Z to 2026-11-20 09:20:00Z")


def test_two_clusters_can_be_compared(kevents: Run, tmp_path):
    import_events(kevents, tmp_path, event(21, "09:00:00"), event(22, "09:10:00"), cluster="test")
    screen = kevents("diff", "--cluster", "test", "--against", "default", *AT, "--by", "reason", "--all", "-o", "json")
    # the dumps cover 20 and 10 minutes
    rates = {row["reason"]: (row["change"], row["rate_before"], row["rate_after"]) for row in json.loads(screen.out)}
    assert rates == {"Started": ("same", 0.05, 0.2), "BackOff": ("gone", 0.65, 0), "Killing": ("gone", 0.05, 0)}
    lines = kevents("diff", "--cluster", "test", "--against", "default", *AT, "--by", "reason").out.splitlines()
    assert lines[:2] == ["default: all time, 20m.", "test: all time, 10m."]
    assert lines[3].split()[4:6] == ["default", "test"]
    unknown = kevents("diff", "--cluster", "test", "--against", "defualt", *AT)
    assert (unknown.status, "Did you mean default?" in unknown.err) == (5, True)


def test_two_windows_without_coverage_have_an_empty_result(kevents: Run):
    for words in (("--since", "2h", "--as-of", "2020-01-01"), ("--cluster", "a", "--against", "b", *AT)):
        screen = kevents("diff", *words)
        assert screen.status == 0
        assert "No events found." in screen.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--before", "soon"),
        ("--before", "10:00..soon"),
        ("--before", "10:00..11:00", "--since", "1h"),
        ("--against", "default"),
        ("--against", "default", "--cluster", "default"),
        ("--against", "default", "--before", "1h"),
        ("--since", "20m", "--by", "colour"),
        ("--before", "deploy/"),
    ],
)
def test_invalid_flags_are_usage_errors_with_a_hint(words: tuple[str, ...], kevents: Run):
    screen = kevents("diff", *words, *AT)
    assert (screen.status, screen.out) == (2, "")
    assert screen.err.startswith("kevents: ")
    assert len(screen.err.splitlines()) >= 2


@pytest.mark.parametrize("format_", ["table", "wide", "markdown", "json", "jsonl", "yaml", "csv", "tsv"])
def test_every_format_can_be_written(format_: str, kevents: Run):
    assert kevents("diff", "--since", "20m", *AT, "-o", format_).status == 0


def test_the_sql_of_show_sql_gives_the_same_result(kevents: Run):
    output = kevents("diff", "--since", "20m", "--all", *AT, "-o", "csv").out
    sql = kevents("diff", "--since", "20m", "--all", *AT, "--show-sql").out
    assert kevents("query", sql, *AT, "-o", "csv").out == output


def test_hostile_text_is_escaped_on_60_columns(kevents: Run, tmp_path):
    import_events(
        kevents, tmp_path, event(7, "09:20:01", reason="\x1b]0;owned\x07\u202e", type="Warning", message="\x1b[2J$by'")
    )
    env = {"KEVENTS_STORE": str(tmp_path / "store"), "COLUMNS": "60", "NO_COLOR": "1", "PAGER": "cat"}
    screen = Stream(is_terminal=True)
    assert main(["diff", "--since", "15m", *AT], Terminal(Stream(), screen, Stream(), env)) == 0
    assert "^[]0;owned\\x07\\u202e" in screen.written
    assert "\x1b" not in screen.written
    assert max(map(len, screen.written.splitlines())) <= 60


def test_an_empty_store_is_reported(tmp_path):
    open_journal(Store(tmp_path / "empty")).close()  # a recorder without events
    env = {"KEVENTS_STORE": str(tmp_path / "empty")}
    for words in (("--since", "1h"), ("--before", "1h"), ("--before", "1h..30m")):
        screen = run("diff", *words, env=env)
        assert (screen.status, screen.err.split(":")[0]) == (0, f"The store in {tmp_path / 'empty'} is empty")
