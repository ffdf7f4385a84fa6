"""diff as command lines: what it compares, what is known of it, mistakes, formats, hostile text."""

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


def hours(kevents: Run, tmp_path: Path, *events: dict, cluster: str = "default") -> None:
    dump = tmp_path / "more.json"
    dump.write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": events}))
    assert kevents("import", str(dump), "--cluster", cluster).status == 0


def watched(tmp_path: Path, *spans: tuple[str, str], cluster: str = "default") -> None:
    journal = open_journal(Store(tmp_path / "store"), cluster=cluster)
    for ends in spans:
        start, end = (datetime.fromisoformat(f"2026-11-20T{clock}").replace(tzinfo=UTC) for clock in ends)
        journal.note(*control_lines.span(Span(ALL, State.WATCHED, start, end)))
    journal.close()


def test_the_time_before_a_moment_is_compared_with_the_time_since(kevents: Run, tmp_path):
    watched(tmp_path, ("08:00", "09:30"))
    shown = kevents("diff", "--before", "09:00", *AT, "--by", "reason", "--all").out.splitlines()
    assert shown[0] == "Before: from 2026-11-20 08:30:00Z to 2026-11-20 09:00:00Z, 30m."
    assert shown[1] == "After: from 2026-11-20 09:00:00Z to 2026-11-20 09:30:00Z, 30m."
    # BackOff: one each 5 minutes from 08:10 to 09:10
    back_off = next(line.split() for line in shown if "BackOff" in line)
    assert back_off[:6] == ["same", "0.5", "error", "BackOff", "6", "3"]


def test_what_happened_at_the_last_moment_is_in_the_window_after(kevents: Run, tmp_path):
    watched(tmp_path, ("08:00", "09:30"))
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


def test_a_window_that_was_not_watched_throughout_says_so_and_keeps_its_rates(kevents: Run, tmp_path):
    watched(tmp_path, ("08:00", "08:40"), ("08:55", "09:30"))
    ended = kevents("diff", "--before", "09:00", *AT, "--all", "-o", "json", "--reason", "BackOff")
    (row,) = json.loads(ended.out)
    assert row["rate_before"] == pytest.approx(6 / 15)  # of 30 minutes 15 were watched
    assert row["rate_after"] == pytest.approx(3 / 30)
    shown = kevents("diff", "--before", "09:00", *AT).out
    assert "Before: from 2026-11-20 08:30:00Z to 2026-11-20 09:00:00Z, 30m, 15m of it not watched." in shown


def test_time_of_which_nothing_is_known_is_compared_with_nothing(kevents: Run, tmp_path):
    watched(tmp_path, ("09:00", "09:30"))
    ended = kevents("diff", "--before", "2026-11-19..2026-11-20T01:00", "--after", "09:00..09:30", *AT)
    assert (ended.status, ended.out) == (5, "")
    assert ended.err.startswith(
        "kevents: nothing is known of the time from 2026-11-19 00:00:00Z to 2026-11-20 01:00:00Z"
    )


def test_since_a_deployment_was_last_rolled_out(kevents: Run, tmp_path):
    def scaled(n: int, clock: str, words: str) -> dict:
        deployment = {"kind": "Deployment", "namespace": "shop", "name": "web"}
        return event(n, clock, reason="ScalingReplicaSet", message=f"Scaled {words}", involvedObject=deployment)

    hours(
        kevents,
        tmp_path,
        scaled(11, "08:20:00", "up replica set web-6b75c97d68 to 1"),
        scaled(12, "09:05:00", "up replica set web-77d446d75f to 1"),
        scaled(13, "09:05:10", "down replica set web-6b75c97d68 to 0"),
    )
    shown = kevents("diff", "--before", "deploy/web", *AT).out.splitlines()
    assert shown[0] == "Around 2026-11-20 09:05:00Z, when the rollout of Deployment/web began."
    assert shown[2] == "After: from 2026-11-20 09:05:00Z to 2026-11-20 09:30:00Z, 25m, 10m of it not watched."
    ended = kevents("diff", "--before", "deploy/nope", *AT)
    assert (ended.status, ended.err.splitlines()[0]) == (5, "kevents: no rollout of Deployment/nope is known")


def test_the_worst_event_of_an_object_is_a_moment_too(kevents: Run, tmp_path):
    watched(tmp_path, ("08:00", "09:30"))
    shown = kevents("diff", "--after", "pod/web-3", *AT, "--since", "2026-11-20T08:00Z").out.splitlines()
    assert shown[0].startswith("Around 2026-11-20 09:20:00Z, when Killing of Pod/web-3 (notice) began")
    assert shown[1].startswith("Before: from 2026-11-20 08:00:00Z to 2026-11-20 09:20:00Z")


def test_clusters_are_compared_under_their_names(kevents: Run, tmp_path):
    hours(kevents, tmp_path, event(21, "09:00:00"), event(22, "09:10:00"), cluster="test")
    ended = kevents("diff", "--cluster", "test", "--against", "default", *AT, "--by", "reason", "--all", "-o", "json")
    # the dump of one tells of 20 minutes, that of the other of 10
    rates = {row["reason"]: (row["change"], row["rate_before"], row["rate_after"]) for row in json.loads(ended.out)}
    assert rates == {"Started": ("same", 0.05, 0.2), "BackOff": ("gone", 0.65, 0), "Killing": ("gone", 0.05, 0)}
    shown = kevents("diff", "--cluster", "test", "--against", "default", *AT, "--by", "reason").out.splitlines()
    assert shown[:2] == ["default: all that is known, 20m.", "test: all that is known, 10m."]
    assert shown[3].split()[4:6] == ["default", "test"]
    lost = kevents("diff", "--cluster", "test", "--against", "defualt", *AT)
    assert (lost.status, "Did you mean default?" in lost.err) == (5, True)


def test_where_neither_side_is_known_there_is_nothing_and_no_mistake(kevents: Run):
    for words in (("--since", "2h", "--as-of", "2020-01-01"), ("--cluster", "a", "--against", "b", *AT)):
        ended = kevents("diff", *words)
        assert ended.status == 0
        assert "No events found." in ended.err


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
def test_mistakes_are_answered_in_a_sentence_with_advice(words: tuple[str, ...], kevents: Run):
    ended = kevents("diff", *words, *AT)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("kevents: ")
    assert len(ended.err.splitlines()) >= 2


@pytest.mark.parametrize("format_", ["table", "wide", "markdown", "json", "jsonl", "yaml", "csv", "tsv"])
def test_every_format_has_it(format_: str, kevents: Run):
    assert kevents("diff", "--since", "20m", *AT, "-o", format_).status == 0


def test_its_sql_can_be_seen_and_run(kevents: Run):
    shown = kevents("diff", "--since", "20m", "--all", *AT, "-o", "csv").out
    sql = kevents("diff", "--since", "20m", "--all", *AT, "--show-sql").out
    assert kevents("query", sql, *AT, "-o", "csv").out == shown


def test_hostile_text_is_harmless_on_a_screen_of_60_cells(kevents: Run, tmp_path):
    hours(
        kevents, tmp_path, event(7, "09:20:01", reason="\x1b]0;owned\x07\u202e", type="Warning", message="\x1b[2J$by'")
    )
    env = {"KEVENTS_STORE": str(tmp_path / "store"), "COLUMNS": "60", "NO_COLOR": "1", "PAGER": "cat"}
    screen = Stream(is_terminal=True)
    assert main(["diff", "--since", "15m", *AT], Terminal(Stream(), screen, Stream(), env)) == 0
    assert "^[]0;owned\\x07\\u202e" in screen.written
    assert "\x1b" not in screen.written
    assert max(map(len, screen.written.splitlines())) <= 60


def test_an_empty_store_has_nothing_to_compare(tmp_path):
    open_journal(Store(tmp_path / "empty")).close()  # a recorder that saw nothing
    env = {"KEVENTS_STORE": str(tmp_path / "empty")}
    for words in (("--since", "1h"), ("--before", "1h"), ("--before", "1h..30m")):
        ended = run("diff", *words, env=env)
        assert (ended.status, ended.said.split(":")[0]) == (0, f"The store in {tmp_path / 'empty'} holds no events yet")
