"""What goes wrong between a cluster and its recorder, and what the store then holds: all of it, once.

R numbers are those of the issue's list of cases.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from kevents.event.redaction import Redaction
from kevents.record.recorder import RecorderOptions
from kevents.source.cluster.reflector import WatchOptions
from kevents.store.coverage import State
from tests.record.recording import Run, happening, rows
from tests.server import faults
from tests.server.events import encode, error_line, event, line
from tests.server.server import Fault

_UTF8 = line("ADDED", encode(event("web-1.x", "default", "u", message="überall")))
_IN_LETTER = _UTF8[: _UTF8.index("ü".encode()) + 1]
_EXPIRED = {
    "HTTP 410": faults.status(410, "Expired"),
    "a Status with HTTP 200": faults.status_with_200(410, "Expired"),
    "an ERROR line, Expired": faults.in_stream(410, "Expired"),
    "an ERROR line, Gone": faults.in_stream(410, "Gone"),
}


def test_what_was_there_and_what_came_is_held_once(run: Run) -> None:
    run.etcd.add(1200)
    run.record(happening(run))
    assert run.held == run.ledger
    assert run.gaps == []
    assert [span.state for span in run.coverage] == [State.WATCHED]


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param([faults.serves(1, faults.quiet_end)] * 8, id="R1: quiet ends"),
        pytest.param([faults.serves(2, faults.reset)] * 3, id="R3: resets"),
        pytest.param([faults.serves(2, faults.torn(_UTF8[:200]))] * 3, id="R3: torn in mid-line"),
        pytest.param([faults.serves(2, faults.torn(_IN_LETTER))] * 3, id="R3: torn in mid-letter"),
        pytest.param([faults.serves(2, faults.truncated_chunk(_UTF8[:90]))] * 3, id="R3: a truncated chunk"),
        pytest.param([faults.serves(2, faults.ends_in_mid_line(_UTF8[:90]))] * 3, id="R3: a torn end"),
        pytest.param([faults.status(503, headers={"Retry-After": "86400"}), faults.html()], id="R12: 503 and HTML"),
        pytest.param([faults.status(429, headers={"Retry-After": "soon"})], id="R12: 429"),
        pytest.param([faults.refuses()] * 2, id="no connection"),
    ],
)
def test_a_watch_that_breaks_goes_on_where_it_was(run: Run, ends: list[Fault]) -> None:
    run.etcd.add(7)
    run.server.script(*ends, when="watch")
    run.record(happening(run, lots=8))
    assert run.held == run.ledger
    assert all(recovered == "all" for _, recovered in run.gaps)


def test_r4_a_dead_peer_is_noticed_and_is_a_gap(run: Run) -> None:
    run.server.script(faults.serves(1, faults.stall), when="watch")
    run.record(happening(run))
    assert run.held == run.ledger
    assert ("silent", "all") in run.gaps


@pytest.mark.parametrize("expired", [pytest.param(fault, id=name) for name, fault in _EXPIRED.items()])
def test_r5_after_a_410_the_items_of_the_list_are_taken(run: Run, expired: Fault) -> None:
    run.etcd.add(3)
    run.server.script(faults.serves(1, faults.quiet_end), expired, when="watch")
    run.record(happening(run))
    held = run.held
    assert len(held) == len(set(held))
    # what changed twice between two observations has lost the state between
    newest = {version.name: version for version in run.ledger}
    assert {version.name: version for version in held} == newest
    assert ("expired", "latest") in run.gaps


def test_r6_a_list_that_fails_after_a_410_is_tried_again(run: Run) -> None:
    run.server.script(faults.in_stream(410, "Expired"), when="watch")
    run.server.script(lambda e, a: False, *[faults.status(500, "InternalError")] * 5, when="list")
    run.record(lambda: run.etcd.add(3))
    assert {version.name for version in run.held} == {version.name for version in run.ledger}
    assert any("500" in message.text for message in run.said)
    assert run.gaps == [("expired", "latest")]


def test_r7_a_continue_token_that_expires_on_page_3_loses_nothing(run: Run) -> None:
    run.etcd.add(1300)
    expired = faults.status(410, "Expired", metadata={"continue": "inconsistent"})
    run.server.script(lambda e, a: False, lambda e, a: False, expired, when="list")
    run.record()
    assert run.held == run.ledger


def test_r9_a_cluster_that_went_back_is_recorded_afresh(run: Run) -> None:
    run.etcd.add(20)
    run.record()
    run.etcd.restore(1010)
    before = len(run.ledger)
    run.record(lambda: run.etcd.add(2), until=lambda: len(run.held) >= before + 2)
    assert len(run.held) == len(set(run.held)) == before + 2
    assert ("reset", "latest") in run.gaps


def test_r11_a_version_too_large_for_the_server_makes_it_list(run: Run) -> None:
    run.server.script(faults.in_stream(504, "Timeout", **faults.too_large()), when="watch")
    run.record(happening(run))
    assert {version.name for version in run.held} == {version.name for version in run.ledger}
    assert run.gaps == [("ahead", "latest")]


def test_r15_a_thousand_deletions_under_one_version_are_no_occurrences(run: Run) -> None:
    names = run.etcd.add(1000)

    def expire() -> None:
        time.sleep(0.4)
        run.etcd.expire(names)

    run.record(expire, until=lambda: run.recorder is not None and run.recorder.figures.counts["deletions"] == 1000)
    assert run.held == run.ledger
    assert rows(run.store, "SELECT sum(occurrences) AS n FROM occurrences") == [{"n": 1000}]


def test_r16_counts_that_jump_are_four_observations_and_forty_occurrences(run: Run) -> None:
    def happen() -> None:
        (name,) = run.etcd.add(1)
        for count in (2, 25, 40):
            time.sleep(0.2)
            run.etcd.update(name, count=count, message=f"(combined from similar events): attempt {count}")

    run.record(happen)
    assert [version.count for version in run.held] == [1, 2, 25, 40]
    assert rows(run.store, "SELECT sum(occurrences) AS n FROM occurrences") == [{"n": 40}]


def test_r17_an_event_created_again_with_count_7_after_6_is_one_new_occurrence(run: Run) -> None:
    def happen() -> None:
        (name,) = run.etcd.add(1, count=6)
        time.sleep(0.3)
        run.etcd.expire([name])
        run.etcd.put(event(name, "default", "6f3ad2c5-3b7c-4b1e-8f4e-2b7d6a8c9e01", count=7))

    run.record(happen)
    found = rows(run.store, "SELECT sum(occurrences) AS n FROM occurrences")
    assert found == [{"n": 7}]


def test_r18_series_and_absurd_times_are_held(run: Run) -> None:
    odd: dict[str, Any] = {"firstTimestamp": None, "lastTimestamp": None, "count": None, "eventTime": None}

    def happen() -> None:
        (name,) = run.etcd.add(1, **odd)
        for count in (2, 57):
            run.etcd.update(name, **odd, series={"count": count, "lastObservedTime": "2026-11-21T00:20:00.000000Z"})
        run.etcd.add(1, lastTimestamp="0001-01-01T00:00:00Z")
        run.etcd.add(1, lastTimestamp="9999-12-31T23:59:59Z")

    run.record(happen)
    assert [row["count"] for row in rows(run.store, 'SELECT "count" FROM observations ORDER BY resource_version')] == [
        1, 2, 57, 1, 1,
    ]  # fmt: skip


def test_r19_lines_that_are_no_events_are_counted_and_the_stream_goes_on(run: Run) -> None:
    odd = (faults.bookmark(1000), b'{"type":"WEIRD","object":{}}\n', b'{"type":"ADDED","object":null}\n', b"<html>\n")
    run.server.script(faults.says(*odd), when="watch")
    recorder = run.record(happening(run))
    assert run.held == run.ledger
    assert sum(recorder.figures.counts.values()) == len(odd)


@pytest.mark.parametrize("there_before", [pytest.param(True, id="listed"), pytest.param(False, id="watched")])
def test_r20_a_message_of_1_5_mb_and_its_neighbours_are_held_whole(run: Run, there_before: bool) -> None:
    long = "überall \u2028" * 136_364  # 11 bytes each

    def happen() -> None:
        for message in ("before", long, "after"):
            run.etcd.add(1, message=message)

    if there_before:
        happen()
    run.record((lambda: None) if there_before else happen)
    assert run.held == run.ledger
    messages = rows(run.store, "SELECT message FROM observations ORDER BY resource_version")
    assert [row["message"] == message for row, message in zip(messages, ("before", long, "after"), strict=True)] == [
        True, True, True,
    ]  # fmt: skip
    assert run.gaps == []


def test_r24_what_comes_twice_is_held_once(run: Run) -> None:
    def twice() -> None:
        (name,) = run.etcd.add(1)
        (change,) = [one.line for one in run.etcd._changes if name.encode() in one.line]
        run.server.script(faults.says(change, change), faults.says(change), when="watch")

    run.etcd.add(2)
    run.record(twice)
    assert run.held == run.ledger


def test_an_error_line_of_the_server_is_survived(run: Run) -> None:
    run.server.script(faults.says(error_line(500, "InternalError", "etcd is gone")), when="watch")
    run.record(happening(run))
    assert run.held == run.ledger


def test_a_second_run_goes_on_from_the_checkpoint_and_names_the_gap(run: Run) -> None:
    run.record(happening(run))
    run.etcd.add(5)
    lists = len(run.server.asked("list"))
    run.record(happening(run))
    assert run.held == run.ledger
    assert ("stopped", "all") in run.gaps
    full = [asked for asked in run.server.asked("list")[lists:] if asked.request.query.get("limit") != "1"]
    assert full == []  # it only looked whether the cluster went back


def test_what_was_compacted_between_two_runs_is_taken_from_the_list(run: Run) -> None:
    run.record(happening(run))
    run.etcd.add(5)
    run.etcd.compact()
    run.record(happening(run))
    assert run.held == run.ledger
    assert ("stopped", "latest") in run.gaps


def test_redaction_comes_before_the_disk(run: Run) -> None:
    run.etcd.add(1, message="password=hunter2 was refused")
    run.record(how=RecorderOptions(redact=Redaction("hunter2").document))
    (row,) = rows(run.store, "SELECT message FROM observations")
    assert row["message"] == "password=[redacted] was refused"


def test_once_takes_what_is_there_and_ends(run: Run) -> None:
    run.etcd.add(600)
    run.record(wish=WatchOptions(follow=False))
    assert run.held == run.ledger
    assert [span.state for span in run.coverage] == [State.LISTED]
