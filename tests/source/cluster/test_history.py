"""An etcd that was restored from a backup and whose version has passed the last one that was seen."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from kevents.source.cluster.client import Kube
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import Cause, Gap, ListDone, ResumePoint, Retry, Scope
from tests.server import Etcd, Server, Version, faults
from tests.server.exchange import Exchange
from tests.server.server import Fault
from tests.source.cluster.watching import Seen, in_background, watch


def resumed(point: ResumePoint | None) -> WatchOptions:
    assert point is not None
    return WatchOptions(checkpoints={Scope(): point})


def first_run(kube: Kube, until: Callable[[Seen], bool] = lambda seen: bool(seen.of(ListDone))) -> Seen:
    return watch(kube, until)


def restored(etcd: Etcd, version: int, events: int) -> list[Version]:
    """Restore a backup, then add events; returns the ledger of these events."""
    etcd.restore(version)
    before = len(etcd.ledger)
    etcd.add(events)
    return etcd.ledger[before:]


def test_after_a_restart_every_event_of_the_restored_cluster_is_listed(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(5)
    backup = etcd.version
    etcd.add(20)
    first = first_run(kube)
    added = restored(etcd, backup, 50)
    seen = watch(kube, lambda s: bool(s.of(ListDone)), resumed(first.checkpoint))
    assert set(added) <= set(seen.observations)
    assert seen.gaps == [(Cause.RESET, "latest")]
    assert "does not contain the last event, default/web-" in seen.of(Gap)[0].detail


def test_after_a_broken_watch_every_event_of_the_restored_cluster_is_listed(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    etcd.add(5)
    backup = etcd.version
    added: list[Version] = []

    def restore(exchange: Exchange) -> None:
        added.extend(restored(etcd, backup, 50))
        exchange.reset()

    server.script(faults.serves(10, restore), when="watch")
    in_background(lambda: etcd.add(10), 0.2)
    seen = watch(kube, lambda s: len(s.of(ListDone)) == 2)
    assert set(added) <= set(seen.observations)
    assert seen.gaps == [(Cause.RESET, "latest")]


def test_an_event_that_was_updated_before_and_after_the_backup_is_recognized(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    name = etcd.add(2)[0]
    backup = etcd.version
    _, items = etcd.snapshot() or (0, [])
    for _ in range(5):
        etcd.update(name)
    first = first_run(kube)
    etcd.restore(backup)
    etcd.add(2)  # the update of the event is lost, as in a real backup, and written again later
    etcd.put(json.loads(dict(items)["default"]) | {"count": 9})
    added = etcd.ledger[-3:]
    etcd.add(5)
    seen = watch(kube, lambda s: bool(s.of(ListDone)), resumed(first.checkpoint))
    assert set(added) <= set(seen.observations)
    assert seen.gaps == [(Cause.RESET, "latest")]


def test_versions_of_other_resources_after_the_last_event_do_not_hide_events(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    etcd.add(5)
    backup = etcd.version + 100
    etcd.version = backup + 400  # other resources
    first = first_run(kube)
    etcd.version = backup  # the backup contains the last event
    etcd.add(50)
    etcd.version += 1000
    seen = watch(kube, lambda s: len(s.observations) >= 50, resumed(first.checkpoint))
    assert seen.observations == etcd.ledger[5:]


@pytest.mark.parametrize("after", ["updated", "deleted", "unchanged"])
def test_an_event_that_was_changed_later_is_still_in_the_history(
    server: Server, etcd: Etcd, kube: Kube, after: str
) -> None:
    name = etcd.add(5)[-1]
    first = first_run(kube)
    if after == "updated":
        etcd.update(name)
    elif after == "deleted":
        etcd.expire([name])
    etcd.add(3)
    seen = watch(kube, lambda s: len(s.observations) >= (4 if after == "updated" else 3), resumed(first.checkpoint))
    assert seen.observations == etcd.ledger[5:]
    assert seen.gaps == [(Cause.STOPPED, "all")]
    assert not seen.of(ListDone)
    assert len(server.requests("list")) == 1 + 2


def test_a_compacted_history_leads_to_a_list(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(5)
    first = first_run(kube)
    etcd.add(3)
    etcd.compact()
    seen = watch(kube, lambda s: bool(s.of(ListDone)), resumed(first.checkpoint))
    assert set(seen.observations) == set(etcd.ledger)
    assert seen.gaps == [(Cause.STOPPED, "latest")]


@pytest.mark.parametrize(
    "fault", [faults.status(400, "BadRequest"), faults.status(403, "Forbidden"), faults.status(422, "Invalid")]
)
def test_in_doubt_everything_is_listed(server: Server, etcd: Etcd, kube: Kube, fault: Fault) -> None:
    etcd.add(5)
    first = first_run(kube)
    server.script(fault, when=lambda request: "fieldSelector" in request.query)
    seen = watch(kube, lambda s: bool(s.of(ListDone)), resumed(first.checkpoint))
    assert not seen.of(Retry)
    assert seen.gaps == [(Cause.STOPPED, "latest")]


def test_a_watch_that_ends_cleanly_is_continued_without_a_check(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(5)
    server.script(*[faults.serves(1, faults.quiet_end)] * 3, when="watch")

    def add(*_: object) -> None:
        while server.remaining_faults:
            etcd.add()

    in_background(add, 0.1)
    seen = watch(kube, lambda s: server.remaining_faults == 0 and len(server.requests("watch")) == 4)
    assert len(server.requests("list")) == 1
    assert not seen.gaps


def test_the_last_event_is_requested_in_its_namespace(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(1, "team-a")
    first = first_run(kube)
    etcd.add(1, "team-b")
    seen = watch(kube, lambda s: bool(s.observations), resumed(first.checkpoint))
    exact = server.requests("list")[2].request
    assert exact.path == "/api/v1/namespaces/team-a/events"
    assert exact.query["fieldSelector"] == f"metadata.name={etcd.ledger[0].name}"
    assert seen.observations == etcd.ledger[1:]
