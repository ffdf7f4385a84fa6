"""The demo's incident is up to date and has the format of real events."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kevents.demo import INCIDENT
from tests.demo.make_incident import incident

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return json.loads(INCIDENT.read_text(encoding="utf-8"))["items"]


def test_the_file_is_the_output_of_make_incident() -> None:
    assert INCIDENT.read_text(encoding="utf-8") == incident(), "run `python -m tests.demo.make_incident`"


def test_the_file_has_the_format_of_kubectl() -> None:
    item = INCIDENT.read_text(encoding="utf-8").split("\n        {\n")[1].splitlines()
    assert item[0] == '            "apiVersion": "v1",'
    keys = [line.split('"')[1] for line in item if line.startswith(" " * 12 + '"')]
    assert keys == sorted(keys)
    assert r"[{workers 3-\u003e4 (max: 6)}]" in INCIDENT.read_text(encoding="utf-8"), "kubectl escapes < > & for HTML"


def test_identifiers_are_unique_and_valid(events: list[dict[str, Any]]) -> None:
    metadata = [event["metadata"] for event in events]
    assert {uuid.UUID(each["uid"]).version for each in metadata} == {4}
    assert len({each["uid"] for each in metadata}) == len(events)
    assert len({(each["namespace"], each["name"]) for each in metadata}) == len(events)
    assert len({each["resourceVersion"] for each in metadata}) == len(events)


def test_an_event_is_named_by_its_object_and_the_clock_of_its_first_occurrence(events: list[dict[str, Any]]) -> None:
    for event in events:
        name, _, clock = event["metadata"]["name"].rpartition(".")
        first = datetime.fromisoformat(event["firstTimestamp"] or event["eventTime"]) - EPOCH
        assert name == event["involvedObject"]["name"]
        assert timedelta(0) <= timedelta(microseconds=int(clock, 16) // 1000) - first < timedelta(seconds=1)


def test_events_of_nodes_are_in_default_and_kubelets_use_the_node_name_as_uid(events: list[dict[str, Any]]) -> None:
    node_events = [event for event in events if event["involvedObject"]["kind"] == "Node"]
    assert {event["metadata"]["namespace"] for event in node_events} == {"default"}
    from_kubelets = [event for event in node_events if event["source"].get("component") == "kubelet"]
    assert from_kubelets
    assert all(event["involvedObject"]["uid"] == event["involvedObject"]["name"] for event in from_kubelets)


def test_new_style_events_have_event_time_only_and_classic_ones_a_count(events: list[dict[str, Any]]) -> None:
    for event in events:
        if event["eventTime"]:
            assert event["source"] == {}
            assert event["firstTimestamp"] is event["lastTimestamp"] is None
            assert "count" not in event
        else:
            assert event["count"] >= 1
            assert event["firstTimestamp"] <= event["lastTimestamp"]


@pytest.mark.parametrize(
    ("reason", "type", "words", "count"),
    [
        ("BackOff", "Normal", "Back-off pulling image", 127),
        ("BackOff", "Warning", "Back-off restarting failed container cart", 187),
        ("Failed", "Warning", "shop/checkout:1.42.1: not found", 4),
        ("NodeNotReady", "Normal", "Node node-3 status is now: NodeNotReady", 1),
        ("TaintManagerEviction", "Normal", "Marking for deletion Pod shop/cart-", 1),
        ("TriggeredScaleUp", "Normal", "pod triggered scale-up", 1),
        ("ScalingReplicaSet", "Normal", "Scaled up replica set checkout-", 1),
        ("NodeReady", "Normal", "Node node-3 status is now: NodeReady", 1),
    ],
)
def test_the_main_events_of_the_incident_are_there(
    events: list[dict[str, Any]], reason: str, type: str, words: str, count: int
) -> None:
    matching = [event for event in events if (event["reason"], event["type"]) == (reason, type)]
    assert count in [event["count"] for event in matching if words in event["message"]]
