"""The length of waits, and cancellation of every wait (R12)."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from kevents.source.cluster.backoff import Backoff, Clock, Timing
from kevents.source.cluster.client import Kube
from kevents.source.cluster.errors import retry_after
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import Cause, Retry, Signal, WatchOpened
from kevents.source.cluster.watcher import Watcher
from tests.server import Etcd, Server, faults
from tests.server.server import Fault
from tests.source.cluster.watching import CLOCK, QUICK, in_background, watch

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class ManualTime:
    """A monotonic clock that tests advance."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def clock(self, random: float) -> Clock:
        return Clock(lambda: NOON, lambda: self.seconds, lambda: random)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("1", 1),
        ("86400", 86400),
        ("-5", 0),
        ("soon", None),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOON) == seconds


def test_waits_double_from_eight_tenths_up_to_thirty_seconds_with_jitter() -> None:
    least = Backoff(Timing(), ManualTime().clock(0))
    assert [least.next() for _ in range(8)] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30]
    most = Backoff(Timing(), ManualTime().clock(0.999999))
    assert [round(most.next(), 2) for _ in range(6)] == [1.6, 3.2, 6.4, 12.8, 25.6, 30]


def test_after_two_minutes_without_a_failure_the_next_wait_is_short() -> None:
    time_ = ManualTime()
    backoff = Backoff(Timing(), time_.clock(0))
    for _ in range(5):
        time_.seconds += backoff.next()
    time_.seconds += 119
    assert backoff.next() == 25.6
    time_.seconds += 25.6 + 121
    assert backoff.next() == 0.8


@pytest.mark.parametrize(("requested", "wait"), [(1, 1), (60, 60), (86400, 60), (0, 0.8), (None, 0.8)])
def test_retry_after_is_respected_up_to_a_minute(requested: float | None, wait: float) -> None:
    assert Backoff(Timing(), ManualTime().clock(0)).next(requested) == wait


def test_waits_after_retry_after_are_different_for_each_client_and_grow_with_the_failures() -> None:
    most = Backoff(Timing(), ManualTime().clock(1))
    assert most.next(8) == 10
    backoff = Backoff(Timing(), ManualTime().clock(0))
    assert [backoff.next(1) for _ in range(4)] == [1, 1.6, 3.2, 6.4]
    backoff.reset()
    assert backoff.next() == 0.8


@pytest.mark.parametrize(
    ("fault", "cause", "wait"),
    [
        (faults.status(429, "TooManyRequests", {"Retry-After": "86400"}), Cause.THROTTLED, 60),
        (faults.status(503, "ServiceUnavailable", {"Retry-After": "7"}), Cause.SERVER, 7),
        (faults.status(429, "TooManyRequests", {"Retry-After": "0"}), Cause.THROTTLED, QUICK.first_wait),
        (faults.status(429, "TooManyRequests"), Cause.THROTTLED, QUICK.first_wait),
        (faults.html(502), Cause.FOREIGN, QUICK.first_wait),
    ],
)
def test_a_wait_is_reported_with_its_cause(
    server: Server, etcd: Etcd, kube: Kube, fault: Fault, cause: Cause, wait: float
) -> None:
    server.script(fault, when="list")
    seen = watch(kube, lambda s: bool(s.of(Retry)))
    assert [(retry.cause, retry.wait) for retry in seen.of(Retry)] == [(cause, wait)]
    assert "<html" not in seen.of(Retry)[0].detail


def _seconds_to_stop(kube: Kube, is_reached: Callable[[Signal], bool]) -> float:
    """The time from the handler of a SIGALRM, which is sent once the condition holds, to the end of the iteration."""
    watcher = Watcher(kube, WatchOptions(retry_permanent=True), CLOCK, QUICK)
    stopped_at: list[float] = []

    def handler(*_: object) -> None:
        stopped_at.append(time.monotonic())
        watcher.stop()

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for update in watcher:
            if is_reached(update) and not stopped_at:
                signal.setitimer(signal.ITIMER_REAL, 0.05)
        return time.monotonic() - stopped_at[0]
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_signal_during_a_long_retry_after_ends_the_wait_immediately(server: Server, kube: Kube) -> None:
    server.script(faults.status(429, "TooManyRequests", {"Retry-After": "60"}), when="list")
    assert _seconds_to_stop(kube, lambda update: isinstance(update, Retry)) < 1


def test_a_signal_during_a_quiet_watch_ends_the_read_immediately(server: Server, kube: Kube) -> None:
    server.script(faults.serves(0, faults.stall), when="watch")
    assert _seconds_to_stop(kube, lambda update: isinstance(update, WatchOpened)) < 1


def test_another_thread_can_cancel_a_request_without_a_response(server: Server, kube: Kube) -> None:
    server.script(faults.silent(), when="list")
    watcher = Watcher(kube, WatchOptions(), CLOCK, Timing())
    in_background(watcher.stop, 0.1)
    start = time.monotonic()
    assert list(watcher) == []
    assert time.monotonic() - start < 1


def test_the_threads_of_a_watcher_end_when_the_iteration_is_abandoned(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add()
    for _ in Watcher(kube, WatchOptions(), CLOCK, QUICK):
        break
    deadline = time.monotonic() + 3
    while any(thread.name == "watch" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [thread for thread in threading.enumerate() if thread.name == "watch"]
