"""Pages of a list that fail: each is requested again, and the list goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kevents.source.cluster.client import Kube
from kevents.source.cluster.updates import Cause, Heartbeat, ListDone, Retry
from tests.server import Api, Etcd, Server, Version, faults
from tests.server.exchange import Exchange
from tests.server.server import Fault
from tests.source.cluster.watching import QUICK, Seen, watch


def by_version(seen: Seen) -> list[Version]:
    return sorted(seen.observations, key=lambda version: version.resource_version)


def test_a_truncated_page_is_requested_again_and_repeated_items_are_the_same_observations(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    etcd.add(9)

    def truncated(exchange: Exchange, _: Api) -> None:
        _, items = etcd.snapshot() or (0, [])
        body = b'{"kind":"EventList","items":[' + b",".join(item for _, item in items[5:8])
        exchange.respond(200, body[:-30])

    server.script(lambda *_: False, truncated, when="list")
    seen = watch(kube, lambda s: bool(s.of(ListDone)), timing=replace(QUICK, page_size=5))
    assert by_version(seen) == etcd.ledger
    assert len(server.requests("list")) == 3


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (faults.status(503, "ServiceUnavailable"), Cause.SERVER),
        (faults.status(429, "TooManyRequests"), Cause.THROTTLED),
        (faults.resets(), Cause.BROKEN),
        (faults.html(502), Cause.FOREIGN),
        (faults.status(401, "Unauthorized"), Cause.CREDENTIALS),
    ],
)
def test_a_failed_page_is_requested_again_and_the_pages_before_it_are_not(
    server: Server, etcd: Etcd, kube: Kube, fault: Fault, cause: Cause
) -> None:
    etcd.add(30)
    faults_per_page = [fault] * (2 if cause is Cause.CREDENTIALS else 1)  # a 401 is tried again with new credentials
    for _ in range(3):
        server.script(lambda *_: False, *faults_per_page, when="list")
    seen = watch(kube, lambda s: bool(s.of(Heartbeat)), timing=replace(QUICK, page_size=5))
    assert by_version(seen) == etcd.ledger  # each once
    assert seen.retries == [cause] * 3
    assert [retry.attempt for retry in seen.of(Retry)] == [1, 1, 1]
    assert len(server.requests("list")) == 6 + 3 * len(faults_per_page)
    assert [(done.items, done.is_unpaged) for done in seen.of(ListDone)] == [(30, False)]


def test_a_list_ends_although_each_third_request_fails(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(145)
    for _ in range(50):
        server.script(lambda *_: False, lambda *_: False, faults.status(503, "ServiceUnavailable"), when="list")
    seen = watch(kube, lambda s: bool(s.of(ListDone)), timing=replace(QUICK, page_size=5))
    assert by_version(seen) == etcd.ledger
    assert len(server.requests("list")) == 29 + 14


def test_a_token_that_the_server_rejects_starts_a_new_list(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(9)
    server.script(lambda *_: False, faults.status(400, "BadRequest"), when="list")
    seen = watch(kube, lambda s: bool(s.of(ListDone)), timing=replace(QUICK, page_size=5))
    assert set(seen.observations) == set(etcd.ledger)
    assert ["continue" in logged.request.query for logged in server.requests("list")] == [False, True, False, True]
