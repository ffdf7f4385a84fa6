"""Watches that end or are refused for a while: how often the server is asked, and which gap the coverage names.

R numbers are those of the issue's list of cases. Every lapse is a gap here, however short: Timing.tolerated_gap is 0.
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
from tests.record.recording import QUICK, Run, happening, now
from tests.server import Api, faults
from tests.server.exchange import Exchange


def test_r1_a_hundred_clean_closes_are_neither_a_gap_nor_worth_a_word(run: Run) -> None:
    run.server.script(*[faults.serves(1, faults.quiet_end)] * 100, when="watch")

    def happen() -> None:
        while run.server.remaining_faults:
            run.etcd.add(1)
            time.sleep(0.005)
        run.etcd.add(3)

    recorder = run.record(happen)
    assert run.held == run.ledger
    assert len(run.server.requests("watch")) > 100
    assert len(run.server.requests("list")) == 1
    assert recorder.figures.reconnects == 0
    assert [told for told in run.said if told.level is not Level.INFO] == []
    assert [span.state for span in run.coverage] == [State.WATCHED]


def test_r2_watches_that_end_at_once_are_asked_for_ever_more_seldom(run: Run) -> None:
    run.timing = replace(QUICK, short_watch=0.04, first_wait=0.01, max_wait=0.12)
    run.server.script(*[faults.ends_at_once()] * 20, when="watch")
    run.record(happening(run))
    assert run.held == run.ledger
    came = [logged.at for logged in run.server.requests("watch")][:21]
    assert all(later - sooner >= 0.035 for sooner, later in pairwise(came))  # once in `brief` at most
    assert came[-1] - came[0] > 3 * 0.04 + 0.08 + 16 * 0.115  # and soon once in `longest`
    assert len(run.server.requests("list")) == 1
    assert set(run.gaps) == {("brief", "all")}


def test_r10_a_watch_from_a_version_in_the_future_is_noticed_and_the_cluster_recorded_afresh(run: Run) -> None:
    run.timing = replace(QUICK, verify_after=0)
    names = run.etcd.add(10)

    restored_at = []

    def restored(exchange: Exchange, _: Api) -> None:
        restored_at.append(now())
        run.etcd.restore(1004)  # so the next watch is accepted, and would never bring anything
        exchange.head()
        exchange.end()

    run.server.script(faults.serves(1, faults.quiet_end), restored, when="watch")

    def happen() -> None:
        names.extend(run.etcd.add(1))
        while run.server.remaining_faults:
            time.sleep(0.01)
        names.extend(run.etcd.add(2))

    run.record(happen, until=lambda: ("reset", "latest") in run.gaps and len(run.held) >= 13)
    held = run.held
    assert len(held) == len(set(held)) == 13
    assert set(held) == set(run.ledger)
    assert sorted(version.name for version in held) == sorted(names)
    assert run.gaps.count(("reset", "latest")) == 1
    (blind,) = [span for span in run.coverage if span.cause == "reset"]
    assert blind.start <= restored_at[0] <= blind.end
    watched = [span for span in run.coverage if span.state is State.WATCHED]
    assert not [span for span in watched if span.start < blind.end and blind.start < span.end]


def test_r10_after_a_reset_the_recorder_goes_on_from_the_new_versions(run: Run) -> None:
    run.timing = replace(QUICK, verify_after=0)
    run.etcd.add(20)
    run.record()
    run.etcd.restore(1005)
    run.record(until=lambda: ("reset", "latest") in run.gaps)
    lists = len(run.server.requests("list"))
    run.record(happening(run))
    held = run.held
    assert len(held) == len(set(held))
    assert set(held) == set(run.ledger)
    assert run.gaps.count(("reset", "latest")) == 1
    full = [logged for logged in run.server.requests("list")[lists:] if logged.request.query.get("limit") != "1"]
    assert full == []


@pytest.mark.parametrize("code", [pytest.param(429, id="429"), pytest.param(503, id="503")])
@pytest.mark.parametrize("asked", ["0", "1", "60", "86400", "a date", "absent", "-5", "soon"])
def test_r12_retry_after_is_honoured_and_cut_and_the_lapse_is_a_gap(run: Run, code: int, asked: str) -> None:
    in_a_minute = format_datetime(now() + timedelta(minutes=1), usegmt=True)
    headers = {} if asked == "absent" else {"Retry-After": in_a_minute if asked == "a date" else asked}
    run.server.script(faults.status(code, "Whatever", headers), when="watch")
    run.record(happening(run))
    assert run.held == run.ledger
    assert run.gaps == [("throttled" if code == 429 else "server", "all")]
    first, second, *_ = (logged.at for logged in run.server.requests("watch"))
    if asked in ("1", "60", "86400", "a date"):
        assert second - first >= run.timing.max_retry_after - 0.01


def test_r12_html_of_a_proxy_is_a_gap_of_its_own_kind(run: Run) -> None:
    run.server.script(faults.html(502), when="watch")
    run.record(happening(run))
    assert run.held == run.ledger
    assert run.gaps == [("foreign", "all")]


def test_r12_a_wish_to_stop_ends_the_wait_that_a_server_asked_for(run: Run) -> None:
    run.timing = replace(QUICK, max_retry_after=60)
    run.etcd.add(5)
    run.server.script(faults.status(429, "TooManyRequests", {"Retry-After": "60"}), when="watch")
    began = time.monotonic()
    run.record(until=lambda: any(told.event == "retry" for told in run.said))
    assert time.monotonic() - began < 5
    assert run.held == run.ledger
