"""Events that are nested deeper than a parser can read: an API server accepts managedFields of 9,900 levels."""

from __future__ import annotations

import json

import pytest

from kevents.record.messages import message_of
from kevents.source.cluster.client import Kube
from kevents.source.cluster.list_body import ListBody, Page
from kevents.source.cluster.object_events import list_events
from kevents.source.cluster.updates import Heartbeat, LineCounts, ListDone, Scope
from kevents.source.cluster.watch_lines import WatchLines
from tests.server import Etcd, Server, faults
from tests.server.events import encode, event, line
from tests.source.cluster.watching import CLOCK, in_background, watch

TOO_DEEP = "events that are nested too deeply"


def deep_event(name: str, version: int, depth: int, place: str = "managedFields") -> bytes:
    """An event with a field of this depth."""
    value = b'{"f:a":' * depth + b"{}" + b"}" * depth
    metadata: dict[str, object] = {
        "name": name,
        "namespace": "shop",
        "uid": f"u{version}",
        "resourceVersion": str(version),
    }
    item = event(name, "shop", f"u{version}") | {
        "metadata": metadata | ({place: 0} if place == "managedFields" else {})
    }
    if place != "managedFields":
        item[place] = 0
    return encode(item).replace(b'"%s":0' % place.encode(), b'"%s":%s' % (place.encode(), value))


def list_of(*items: bytes) -> bytes:
    return b'{"kind":"EventList","metadata":{"resourceVersion":"9000"},"items":[' + b",".join(items) + b"]}"


GOOD = encode(event("good.1", "shop", "u0"))


@pytest.mark.parametrize("depth", [300, 1500, 9900])
def test_deep_managed_fields_in_a_list_are_cut_out(server: Server, etcd: Etcd, kube: Kube, depth: int) -> None:
    body = list_of(GOOD, deep_event("deep.1", 7, depth), GOOD)
    server.script(lambda exchange, _: exchange.respond(200, body), when="list")
    seen = watch(kube, lambda s: bool(s.of(Heartbeat)))
    assert [version.name for version in seen.observations] == ["good.1", "deep.1", "good.1"]
    assert not seen.counts
    assert server.requests("watch")


@pytest.mark.parametrize("depth", [300, 1500, 9900])
def test_deep_managed_fields_in_a_watch_are_cut_out(server: Server, etcd: Etcd, kube: Kube, depth: int) -> None:
    stream = line("ADDED", deep_event("deep.1", 2001, depth))
    server.script(faults.sends(stream), when="watch")
    etcd.version = 2000
    seen = watch(kube, lambda s: bool(s.of(Heartbeat)))
    assert [version.name for version in seen.observations] == ["deep.1"]
    assert not seen.counts
    assert seen.checkpoint is not None
    assert seen.checkpoint.resource_version == 2001


@pytest.mark.parametrize("depth", [300, 1500, 9900, 100_000])
@pytest.mark.parametrize("place", ["related", "source", "extra"])
def test_an_event_that_is_too_deep_is_left_out_of_a_list_and_named_once(
    server: Server, etcd: Etcd, kube: Kube, depth: int, place: str
) -> None:
    body = list_of(GOOD, deep_event("deep.1", 7, depth, place), deep_event("deep.2", 8, depth, place), GOOD)
    server.script(lambda exchange, _: exchange.respond(200, body), when="list")
    server.script(faults.sends(line("ADDED", deep_event("deep.3", 9001, depth, place))), when="watch")
    seen = watch(kube, lambda s: s.counts[TOO_DEEP] == 3)
    assert [version.name for version in seen.observations] == ["good.1", "good.1"]
    assert seen.counts == {TOO_DEEP: 3}
    assert seen.of(ListDone)[0].items == 2
    messages = [message.text for counts in seen.of(LineCounts) if (message := message_of(counts))]
    assert messages == ["skipped shop/deep.1: nested deeper than 256 levels"]


def test_an_event_without_a_name_is_named_by_its_position() -> None:
    body = ListBody(iter([list_of(GOOD, b'{"a":' * 300 + b"1" + b"}" * 300), b""]).__next__)
    assert len(list(body)) == 1
    assert (body.too_deep, body.first_too_deep) == (1, "item 2 of the list")


@pytest.mark.parametrize("kind", ["ADDED", "MODIFIED", "DELETED"])
def test_a_line_that_is_too_deep_moves_the_version_forward(kind: str) -> None:
    batch = WatchLines().feed(line(kind, deep_event("deep.1", 41, 9900, "related")))
    assert (batch.documents, batch.resource_version) == ([], 41)
    assert batch.counts == {TOO_DEEP: 1}
    assert batch.too_deep == "shop/deep.1"


def test_the_rest_of_a_watch_is_read_after_a_deep_line(server: Server, etcd: Etcd, kube: Kube) -> None:
    server.script(faults.sends(line("ADDED", deep_event("deep.1", 1000, 9900, "related"))), when="watch")
    in_background(lambda: etcd.add(2), 0.3)
    seen = watch(kube, lambda s: len(s.observations) >= 2)
    assert seen.observations == etcd.ledger
    assert seen.counts == {TOO_DEEP: 1}


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_deep_item_that_arrives_in_pieces(size: int) -> None:
    text = list_of(deep_event("deep.1", 7, 1500), GOOD, deep_event("deep.2", 7, 1500, "related"))
    pieces = iter([text[at : at + size] for at in range(0, len(text), size)])
    page = Page(ListBody(lambda: next(pieces, b"")), None)
    documents = [json.loads(document) for batch in page.batches() for document in batch]
    assert [document["metadata"]["name"] for document in documents] == ["deep.1", "good.1"]
    assert "managedFields" not in documents[0]["metadata"]
    assert page.body.too_deep == 1


def test_the_events_of_one_object_include_those_with_deep_managed_fields(server: Server, kube: Kube) -> None:
    body = list_of(GOOD, deep_event("deep.1", 7, 9900))
    server.script(lambda exchange, _: exchange.respond(200, body), when="list")
    assert list_events(kube, Scope("shop"), CLOCK.now()).count(b"\n") == 2
