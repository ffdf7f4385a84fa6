"""Watches that end or are rejected: how often they are retried, and which gaps the coverage reports.

R1 to R24 number the failure cases. Every interruption is a gap here, however short, because Timing.tolerated_gap is 0.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from kevents.record.messages import Level
from kevents.store.coverage import State
from tests.record.recording import QUICK, Run, add_events, now
from tests.server import Api, faults
from tests.server.exchange import Exchange


def test_r1_a_hundred_clean_closes_cause_no_gap_and_no_warning(run: Run) -> None:
    run.server.script(*[faults.serves(1, faults.quiet_end)] * 100, when="watch")

    def add() -> None:
        while run.server.remaining_faults:
            run.etcd.add(1)
            time.sleep(0.005)
        run.etcd.add(3)

    recorder = run.record(add)
    assert run.stored == run.ledger
    assert len(run.server.requests("watch")) > 100
    assert len(run.server.requests("list")) == 1
    assert recorder.stats.reconnects == 0
    assert [message for message in run.messages if message.level is not Level.INFO] == []
    assert [span.state for span in run.coverage] == [State.WATCHED]


def test_r2_watches_that_end_immediately_are_retried_less_and_less_often(run: Run) -> None:
    run.timing = replace(QUICK, short_watch=0.04, first_wait=0.01, max_wait=0.12)
    run.server.script(*[faults.ends_at_once()] * 20, when="watch")
    run.record(add_events(run))
    assert run.stored == run.ledger
    times = [logged.at for logged in run.server.requests("watch")][:21]
    assert all(later - earlier >= 0.035 for earlier, later in pairwise(times))  # at most once in `short_watch`
    assert times[-1] - times[0] > 3 * 0.04 + 0.08 + 16 * 0.115  # after some attempts, once in `max_wait`
    assert len(run.server.requests("list")) == 1
    assert set(run.gaps) == {("brief", "all")}


def test_r10_a_watch_from_a_future_resource_version_is_detected_and_leads_to_a_new_list(run: Run) -> None:
    run.timing = replace(QUICK, verify_after=0)
    names = run.etcd.add(10)
    restore_times = []

    def restore(exchange: Exchange, _: Api) -> None:
        restore_times.append(now())
        run.etcd.restore(1004)  # the next watch is accepted, but would never send anything
        exchange.head()
        exchange.end()

    run.server.script(faults.serves(1, faults.quiet_end), restore, when="watch")

    def add() -> None:
        names.extend(run.etcd.add(1))
        while run.server.remaining_faults:
            time.sleep(0.01)
        names.extend(run.etcd.add(2))

    run.record(add, until=lambda: ("reset", "latest") in run.gaps and len(run.stored) >= 13)
    stored = run.stored
    assert len(stored) == len(set(stored)) == 13
    assert set(stored) == set(run.ledger)
    assert sorted(version.name for version in stored) == sorted(names)
    assert run.gaps.count(("reset", "latest")) == 1
    (gap,) = [span for span in run.coverage if span.cause == "reset"]
    assert gap.start <= restore_times[0] <= gap.end
    watched = [span for span in run.coverage if span.state is State.WATCHED]
    assert not [span for span in watched if span.start < gap.end and gap.start < span.end]


def test_r10_after_a_reset_the_recorder_resumes_from_the_new_versions(run: Run) -> None:
    run.timing = replace(QUICK, verify_after=0)
    run.etcd.add(20)
    run.record()
    run.etcd.restore(1005)
    run.record(until=lambda: ("reset", "latest") in run.gaps)
    lists = len(run.server.requests("list"))
    run.record(add_events(run))
    stored = run.stored
    assert len(stored) == len(set(stored))
    assert set(stored) == set(run.ledger)
    assert run.gaps.count(("reset", "latest")) == 1
    full = [logged for logged in run.server.requests("list")[lists:] if logged.request.query.get("limit") != "1"]
    assert full == []


@pytest.mark.parametrize("code", [pytest.param(429, id="429"), pytest.param(503, id="503")])
@pytest.mark.parametrize("value", ["0", "1", "60", "86400", "a date", "absent", "-5", "soon"])
def test_r12_retry_after_is_honored_up_to_a_maximum_and_the_wait_is_a_gap(run: Run, code: int, value: str) -> None:
    in_a_minute = format_datetime(now() + timedelta(minutes=1), usegmt=True)
    headers = {} if value == "absent" else {"Retry-After": in_a_minute if value == "a date" else value}
    run.server.script(faults.status(code, "Whatever", headers), when="watch")
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert run.gaps == [("throttled" if code == 429 else "server", "all")]
    first, second, *_ = (logged.at for logged in run.server.requests("watch"))
    if value in ("1", "60", "86400", "a date"):
        assert second - first >= run.timing.max_retry_after - 0.01


def test_r12_html_from_a_proxy_is_a_gap_with_its_own_cause(run: Run) -> None:
    run.server.script(faults.html(502), when="watch")
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert run.gaps == [("foreign", "all")]


def test_r12_stopping_ends_the_wait_of_a_retry_after(run: Run) -> None:
    run.timing = replace(QUICK, max_retry_after=60)
    run.etcd.add(5)
    run.server.script(faults.status(429, "TooManyRequests", {"Retry-After": "60"}), when="watch")
    start = time.monotonic()
    run.record(until=lambda: any(message.event == "retry" for message in run.messages))
    assert time.monotonic() - start < 5
    assert run.stored == run.ledger


def test_r11_a_restored_cluster_that_has_passed_the_checkpoint_is_listed_after_a_restart(run: Run) -> None:
    run.etcd.add(20)
    backup = run.etcd.version
    run.record(add_events(run, batches=2))
    run.etcd.restore(backup)
    before = len(run.etcd.ledger)
    run.etcd.add(100)  # the version is higher than at the checkpoint
    added = run.etcd.ledger[before:]
    run.record(add_events(run, batches=1))
    assert set(added) <= set(run.stored)
    assert run.gaps == [("reset", "latest")]


def test_a_restart_of_the_recorder_alone_loses_nothing_and_lists_once(run: Run) -> None:
    run.etcd.add(20)
    run.record(add_events(run, batches=2))
    run.etcd.update(run.etcd.add(10)[-1])
    run.record(add_events(run, batches=1))
    assert run.stored == run.ledger
    assert run.gaps == [("stopped", "all")]
    assert [request.request.query.get("limit") for request in run.server.requests("list")] == ["500", "1", "1"]
