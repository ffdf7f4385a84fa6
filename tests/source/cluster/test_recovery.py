"""Expired versions, broken lists, clusters restored from a backup, and restarts (R5 to R11, R24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kevents.source.cluster.client import Kube
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import (
    Cause,
    Gap,
    Heartbeat,
    ListDone,
    Observations,
    Origin,
    ResumePoint,
    Retry,
    Scope,
)
from tests.server import Api, Etcd, Server, faults
from tests.server.exchange import Exchange
from tests.server.server import Fault
from tests.source.cluster.watching import CLOCK, QUICK, in_background, watch

EXPIRED = [
    pytest.param(faults.status(410, "Expired"), id="HTTP 410"),
    pytest.param(faults.status_with_200(410, "Expired"), id="HTTP 200 with a Status body"),
    pytest.param(faults.in_stream(410, "Expired"), id="an ERROR line, Expired"),
    pytest.param(faults.in_stream(410, "Gone"), id="an ERROR line, Gone"),
]


def meanwhile(etcd: Etcd, fault: Fault, events: int = 2) -> Fault:
    """Create events and compact the history while nobody watches, then fail."""

    def then(exchange: Exchange, api: Api) -> bool | None:
        etcd.add(events)
        etcd.compact()
        return fault(exchange, api)

    return then


@pytest.mark.parametrize("expired", EXPIRED)
def test_after_an_expired_version_a_list_fetches_the_events(
    server: Server, etcd: Etcd, kube: Kube, expired: Fault
) -> None:
    server.script(faults.serves(1, faults.quiet_end), meanwhile(etcd, expired), when="watch")
    in_background(etcd.add, 0.05)
    in_background(etcd.add, 0.4)
    seen = watch(kube, lambda s: len(set(s.observations)) == 4)
    assert set(seen.observations) == set(etcd.ledger)
    assert len(server.requests("list")) == 2
    assert not seen.of(Retry)
    assert [gap for gap in seen.gaps if gap != (Cause.EXPIRED, "latest")] == []


def test_an_expired_version_right_after_a_quiet_end_is_not_a_gap(server: Server, etcd: Etcd, kube: Kube) -> None:
    server.script(faults.serves(1, faults.quiet_end), meanwhile(etcd, faults.in_stream(410, "Expired")), when="watch")
    in_background(etcd.add, 0.05)
    seen = watch(kube, lambda s: len(s.of(ListDone)) == 2, timing=replace(QUICK, tolerated_gap=5))
    assert not seen.of(Gap)


@pytest.mark.parametrize("expired", EXPIRED)
def test_repeatedly_expired_versions_are_retried_with_waits(
    server: Server, etcd: Etcd, kube: Kube, expired: Fault
) -> None:
    server.script(*[expired] * 6, when="watch")
    in_background(etcd.add, 0.3)
    seen = watch(kube, lambda s: len(s.observations) == 1)
    assert seen.retries == [Cause.EXPIRED] * 5  # the first one is normal


def test_a_list_that_fails_five_times_after_an_expired_version_is_retried_until_it_succeeds(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    server.script(faults.serves(1, faults.quiet_end), meanwhile(etcd, faults.in_stream(410, "Expired")), when="watch")
    server.script(lambda *_: False, when="list")
    server.script(
        faults.status(500, "InternalError"),
        faults.resets(),
        faults.html(503),
        faults.replays(b"HTTP/1.1 200 OK\nContent-Type: application/json", b'{"kind":"EventList","items":[{"meta'),
        faults.status(503, "ServiceUnavailable"),
        when="list",
    )
    in_background(etcd.add, 0.05)
    seen = watch(kube, lambda s: len(s.of(ListDone)) == 2)
    assert set(seen.observations) == set(etcd.ledger)
    assert seen.gaps == [(Cause.EXPIRED, "latest")]
    assert seen.retries == [Cause.SERVER, Cause.BROKEN, Cause.FOREIGN, Cause.BROKEN, Cause.SERVER]
    assert [retry.attempt for retry in seen.of(Retry)] == [1, 2, 3, 4, 5]


def test_after_a_continue_token_expired_on_the_third_page_the_list_is_requested_without_pages(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    etcd.add(23)

    def compacted(*_: object) -> bool:
        etcd.compact()
        return False

    server.script(lambda *_: False, lambda *_: False, compacted, when="list")
    in_background(etcd.add, 0.3)
    seen = watch(kube, lambda s: len(set(s.observations)) == 24, timing=replace(QUICK, page_size=5))
    assert set(seen.observations) == set(etcd.ledger)
    queries = [logged.request.query for logged in server.requests("list")]
    assert [("continue" in query, "limit" in query) for query in queries] == [
        *[(False, True), (True, True), (True, True)],
        (False, False),
    ]
    assert [(done.items, done.is_unpaged) for done in seen.of(ListDone)] == [(23, True)]
    assert int(server.requests("watch")[0].request.query["resourceVersion"]) == 1023


def test_events_between_two_pages_are_in_the_watch_from_the_version_of_the_first_page(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    names = etcd.add(8)

    def update(*_: object) -> bool:
        etcd.update(names[0])
        etcd.add()
        return False

    server.script(lambda *_: False, update, when="list")
    seen = watch(kube, lambda s: len(s.observations) == 10, timing=replace(QUICK, page_size=5))
    assert seen.observations[8:] == etcd.ledger[8:]
    assert len(set(seen.observations)) == 10


def checkpointed(version: int, ago: float = 60) -> WatchOptions:
    at = CLOCK.now() - timedelta(seconds=ago)
    return WatchOptions(checkpoints={Scope(): ResumePoint(version, at)})


def test_a_restart_resumes_at_the_checkpoint_without_repeats(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(3)
    first = watch(kube, lambda s: isinstance(s.signals[-1], ListDone))
    assert first.checkpoint is not None
    etcd.add(4)
    second = watch(kube, lambda s: len(s.observations) == 4, checkpointed(first.checkpoint.resource_version))
    assert second.observations == etcd.ledger[3:]
    assert not second.of(ListDone)
    assert second.gaps == [(Cause.STOPPED, "all")]


def test_a_restart_after_a_compaction_fetches_the_latest_state(server: Server, etcd: Etcd, kube: Kube) -> None:
    name = etcd.add(3)[0]
    version = etcd.version
    etcd.update(name)
    etcd.update(name, message="(combined from similar events): again")
    etcd.compact()
    seen = watch(kube, lambda s: bool(s.of(Gap)), checkpointed(version))
    assert set(seen.observations) == {*etcd.ledger[1:3], etcd.ledger[4]}
    assert seen.gaps == [(Cause.STOPPED, "latest")]


def test_a_cluster_with_a_lower_version_than_the_checkpoint_is_listed_and_the_gap_has_the_cause(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    etcd.add(3)
    in_background(etcd.add, 0.3)
    seen = watch(kube, lambda s: len(s.observations) == 4, checkpointed(5000))
    assert seen.observations == etcd.ledger
    assert seen.gaps == [(Cause.RESET, "latest")]
    assert "1003" in seen.of(Gap)[0].detail
    assert [signal.origin for signal in seen.of(Observations)] == [Origin.LIST, Origin.WATCH]


def test_a_restored_cluster_is_noticed_after_the_server_returns(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(3)
    before = etcd.version

    def restored(exchange: Exchange) -> None:
        etcd.restore(before)
        exchange.reset()

    server.script(faults.serves(5, restored), when="watch")
    in_background(lambda: etcd.add(5), 0.1)
    seen = watch(kube, lambda s: len(s.of(ListDone)) == 2)
    assert seen.gaps == [(Cause.RESET, "latest")]
    etcd.add(2)
    assert seen.checkpoint is not None
    assert seen.checkpoint.resource_version == before


def test_a_watch_from_a_future_version_without_events_is_verified_after_a_while(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    etcd.add(10)

    def restored(exchange: Exchange) -> None:
        exchange.end()  # the server stops cleanly and is back before the next request
        etcd.restore(1004)

    server.script(faults.serves(1, restored), when="watch")
    in_background(etcd.add, 0.1)
    in_background(lambda: etcd.add(2), 0.4)
    seen = watch(kube, lambda s: bool(s.gaps), timing=replace(QUICK, verify_after=0))
    assert seen.gaps == [(Cause.RESET, "latest")]
    assert {version.resource_version for version in seen.observations[-6:]} == {1001, 1002, 1003, 1004, 1005, 1006}


def test_a_quiet_watch_is_not_verified_at_once(server: Server, etcd: Etcd, kube: Kube) -> None:
    watch(kube, lambda s: len(s.of(Heartbeat)) == 1)
    assert len(server.requests("list")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.in_stream(504, "Timeout", **faults.too_large()),
        faults.status(504, "Timeout", message="Too large resource version: 5, current: 4"),
    ],
)
def test_after_a_version_that_the_server_does_not_have_yet_a_list_without_a_version_follows(
    server: Server, etcd: Etcd, kube: Kube, fault: Fault
) -> None:
    etcd.add(2)
    server.script(fault, when="watch")
    in_background(etcd.add, 0.3)
    seen = watch(kube, lambda s: len(set(s.observations)) == 3)
    assert seen.retries == [Cause.AHEAD]
    assert len(server.requests("list")) == 2
    assert all("resourceVersion" not in logged.request.query for logged in server.requests("list"))


@pytest.mark.parametrize(("code", "cause"), [(500, Cause.SERVER), (429, Cause.THROTTLED), (503, Cause.SERVER)])
def test_after_an_error_in_the_stream_the_watch_resumes_where_it_stopped(
    server: Server, etcd: Etcd, kube: Kube, code: int, cause: Cause
) -> None:
    server.script(faults.in_stream(code, "Whatever"), when="watch")
    in_background(etcd.add, 0.2)
    seen = watch(kube, lambda s: len(s.observations) == 1)
    assert seen.retries == [cause]
    assert len(seen.of(ListDone)) == 1


def test_list_items_older_than_since_are_ignored_and_counted(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(2, lastTimestamp="2026-11-21T08:00:00Z")
    etcd.add(1, lastTimestamp=None, firstTimestamp=None, eventTime="2026-11-21T12:00:00.000001Z")
    etcd.add(1, series={"count": 2, "lastObservedTime": "2026-11-21T14:30:00.000000+02:00"})
    etcd.add(1, lastTimestamp="null", firstTimestamp="2026-11-21T13:00:00Z")
    since = datetime(2026, 11, 21, 12, tzinfo=UTC)
    seen = watch(kube, lambda s: bool(s.of(ListDone)), WatchOptions(since=since, follow=False))
    assert seen.observations == etcd.ledger[2:]
    assert (seen.of(ListDone)[0].items, seen.of(ListDone)[0].older) == (3, 2)


def test_without_follow_the_iteration_ends_after_the_list(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(3)
    seen = watch(kube, lambda s: bool(s.of(ListDone)), WatchOptions(follow=False))
    assert seen.observations == etcd.ledger
    assert not server.requests("watch")
