"""Whatever fails between a cluster and its recorder, the store has every observation exactly once.

R1 to R24 number the failure cases, here and in the tests of kevents.source.cluster.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from kevents.event.redaction import Redaction
from kevents.record.recorder import RecorderOptions
from kevents.source.cluster.reflector import WatchOptions
from kevents.store.coverage import State
from tests.record.recording import Run, add_events, rows
from tests.server import faults
from tests.server.events import encode, error_line, event, line
from tests.server.server import Fault

_UTF8 = line("ADDED", encode(event("web-1.x", "default", "u", message="überall")))
_IN_CHARACTER = _UTF8[: _UTF8.index("ü".encode()) + 1]
_EXPIRED = {
    "HTTP 410": faults.status(410, "Expired"),
    "a Status with HTTP 200": faults.status_with_200(410, "Expired"),
    "an ERROR line, Expired": faults.in_stream(410, "Expired"),
    "an ERROR line, Gone": faults.in_stream(410, "Gone"),
}


def test_existing_and_new_events_are_stored_once(run: Run) -> None:
    run.etcd.add(1200)
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert run.gaps == []
    assert [span.state for span in run.coverage] == [State.WATCHED]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([faults.serves(1, faults.quiet_end)] * 8, id="R1: clean ends"),
        pytest.param([faults.serves(2, faults.reset)] * 3, id="R3: resets"),
        pytest.param([faults.serves(2, faults.reset_in_mid_line(_UTF8[:200]))] * 3, id="R3: reset within a line"),
        pytest.param(
            [faults.serves(2, faults.reset_in_mid_line(_IN_CHARACTER))] * 3, id="R3: reset within a character"
        ),
        pytest.param([faults.serves(2, faults.truncated_chunk(_UTF8[:90]))] * 3, id="R3: a truncated chunk"),
        pytest.param([faults.serves(2, faults.end_in_mid_line(_UTF8[:90]))] * 3, id="R3: end within a line"),
        pytest.param([faults.status(503, headers={"Retry-After": "86400"}), faults.html()], id="R12: 503 and HTML"),
        pytest.param([faults.status(429, headers={"Retry-After": "soon"})], id="R12: 429"),
        pytest.param([faults.resets()] * 2, id="no connection"),
    ],
)
def test_a_failed_watch_resumes_where_it_stopped(run: Run, script: list[Fault]) -> None:
    run.etcd.add(7)
    run.server.script(*script, when="watch")
    run.record(add_events(run, batches=8))
    assert run.stored == run.ledger
    assert all(recovered == "all" for _, recovered in run.gaps)


def test_r4_a_dead_connection_is_detected_and_reported_as_a_gap(run: Run) -> None:
    run.server.script(faults.serves(1, faults.stall), when="watch")
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert ("silent", "all") in run.gaps


@pytest.mark.parametrize("expired", [pytest.param(fault, id=name) for name, fault in _EXPIRED.items()])
def test_r5_after_a_410_the_items_of_a_new_list_are_stored(run: Run, expired: Fault) -> None:
    run.etcd.add(3)
    run.server.script(faults.serves(1, faults.quiet_end), expired, when="watch")
    run.record(add_events(run))
    stored = run.stored
    assert len(stored) == len(set(stored))
    # of an event that changed twice in between, only the newest version is in the list
    newest = {version.name: version for version in run.ledger}
    assert {version.name: version for version in stored} == newest
    assert ("expired", "latest") in run.gaps


def test_r6_a_list_that_fails_after_a_410_is_retried(run: Run) -> None:
    run.server.script(faults.in_stream(410, "Expired"), when="watch")
    run.server.script(lambda e, a: False, *[faults.status(500, "InternalError")] * 5, when="list")
    run.record(lambda: run.etcd.add(3))
    assert {version.name for version in run.stored} == {version.name for version in run.ledger}
    assert any("500" in message.text for message in run.messages)
    assert run.gaps == [("expired", "latest")]


def test_r7_a_continue_token_that_expires_on_page_3_loses_nothing(run: Run) -> None:
    run.etcd.add(1300)
    expired = faults.status(410, "Expired", metadata={"continue": "inconsistent"})
    run.server.script(lambda e, a: False, lambda e, a: False, expired, when="list")
    run.record()
    assert run.stored == run.ledger


def test_r9_a_cluster_restored_from_a_backup_is_listed_again(run: Run) -> None:
    run.etcd.add(20)
    run.record()
    run.etcd.restore(1010)
    before = len(run.ledger)
    run.record(lambda: run.etcd.add(2), until=lambda: len(run.stored) >= before + 2)
    assert len(run.stored) == len(set(run.stored)) == before + 2
    assert ("reset", "latest") in run.gaps


def test_r11_a_resource_version_too_large_for_the_server_leads_to_a_new_list(run: Run) -> None:
    run.server.script(faults.in_stream(504, "Timeout", **faults.too_large()), when="watch")
    run.record(add_events(run))
    assert {version.name for version in run.stored} == {version.name for version in run.ledger}
    assert run.gaps == [("ahead", "latest")]


def test_r15_a_thousand_deletions_with_one_resource_version_do_not_count_as_occurrences(run: Run) -> None:
    names = run.etcd.add(1000)

    def expire() -> None:
        time.sleep(0.4)
        run.etcd.expire(names)

    run.record(expire, until=lambda: run.recorder is not None and run.recorder.stats.counts["deletions"] == 1000)
    assert run.stored == run.ledger
    assert rows(run.store, "SELECT sum(occurrences) AS n FROM occurrences") == [{"n": 1000}]


def test_r16_four_observations_with_jumping_counts_are_forty_occurrences(run: Run) -> None:
    def update() -> None:
        (name,) = run.etcd.add(1)
        for count in (2, 25, 40):
            time.sleep(0.2)
            run.etcd.update(name, count=count, message=f"(combined from similar events): attempt {count}")

    run.record(update)
    assert [version.count for version in run.stored] == [1, 2, 25, 40]
    assert rows(run.store, "SELECT sum(occurrences) AS n FROM occurrences") == [{"n": 40}]


def test_r17_an_event_recreated_with_count_7_after_6_has_one_new_occurrence(run: Run) -> None:
    def recreate() -> None:
        (name,) = run.etcd.add(1, count=6)
        time.sleep(0.3)
        run.etcd.expire([name])
        run.etcd.put(event(name, "default", "6f3ad2c5-3b7c-4b1e-8f4e-2b7d6a8c9e01", count=7))

    run.record(recreate)
    assert rows(run.store, "SELECT sum(occurrences) AS n FROM occurrences") == [{"n": 7}]


def test_r18_series_and_out_of_range_times_are_stored(run: Run) -> None:
    empty: dict[str, Any] = {"firstTimestamp": None, "lastTimestamp": None, "count": None, "eventTime": None}

    def add() -> None:
        (name,) = run.etcd.add(1, **empty)
        for count in (2, 57):
            run.etcd.update(name, **empty, series={"count": count, "lastObservedTime": "2026-11-21T00:20:00.000000Z"})
        run.etcd.add(1, lastTimestamp="0001-01-01T00:00:00Z")
        run.etcd.add(1, lastTimestamp="9999-12-31T23:59:59Z")

    run.record(add)
    assert [row["count"] for row in rows(run.store, 'SELECT "count" FROM observations ORDER BY resource_version')] == [
        1, 2, 57, 1, 1,
    ]  # fmt: skip


def test_r19_lines_that_are_not_events_are_counted_and_do_not_end_the_watch(run: Run) -> None:
    lines = (faults.bookmark(1000), b'{"type":"WEIRD","object":{}}\n', b'{"type":"ADDED","object":null}\n', b"<html>\n")
    run.server.script(faults.sends(*lines), when="watch")
    recorder = run.record(add_events(run))
    assert run.stored == run.ledger
    assert sum(recorder.stats.counts.values()) == len(lines)


@pytest.mark.parametrize("is_listed", [pytest.param(True, id="listed"), pytest.param(False, id="watched")])
def test_r20_a_message_of_1_5_mb_is_stored_completely(run: Run, is_listed: bool) -> None:
    long = "überall \u2028" * 136_364  # 11 bytes each

    def add() -> None:
        for message in ("before", long, "after"):
            run.etcd.add(1, message=message)

    if is_listed:
        add()
    run.record((lambda: None) if is_listed else add)
    assert run.stored == run.ledger
    messages = rows(run.store, "SELECT message FROM observations ORDER BY resource_version")
    assert [row["message"] == message for row, message in zip(messages, ("before", long, "after"), strict=True)] == [
        True, True, True,
    ]  # fmt: skip
    assert run.gaps == []


def test_r24_an_event_sent_twice_is_stored_once(run: Run) -> None:
    def send_twice() -> None:
        (name,) = run.etcd.add(1)
        (line,) = [change.line for change in run.etcd._changes if name.encode() in change.line]
        run.server.script(faults.sends(line, line), faults.sends(line), when="watch")

    run.etcd.add(2)
    run.record(send_twice)
    assert run.stored == run.ledger


def test_recording_continues_after_an_error_line(run: Run) -> None:
    run.server.script(faults.sends(error_line(500, "InternalError", "etcd is gone")), when="watch")
    run.record(add_events(run))
    assert run.stored == run.ledger


def test_a_second_run_resumes_from_the_checkpoint_and_reports_the_gap(run: Run) -> None:
    run.record(add_events(run))
    run.etcd.add(5)
    lists = len(run.server.requests("list"))
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert ("stopped", "all") in run.gaps
    full = [logged for logged in run.server.requests("list")[lists:] if logged.request.query.get("limit") != "1"]
    assert full == []  # it only checked whether the cluster was restored from a backup


def test_events_compacted_by_etcd_between_two_runs_are_listed(run: Run) -> None:
    run.record(add_events(run))
    run.etcd.add(5)
    run.etcd.compact()
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert ("stopped", "latest") in run.gaps


def test_redaction_happens_before_writing(run: Run) -> None:
    run.etcd.add(1, message="password=hunter2 was refused")
    run.record(options=RecorderOptions(redact=Redaction("hunter2").document))
    (row,) = rows(run.store, "SELECT message FROM observations")
    assert row["message"] == "password=[redacted] was refused"


def test_without_follow_existing_events_are_recorded_once(run: Run) -> None:
    run.etcd.add(600)
    run.record(watch=WatchOptions(follow=False))
    assert run.stored == run.ledger
    assert [span.state for span in run.coverage] == [State.LISTED]
