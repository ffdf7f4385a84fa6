"""parse_plain accepts only plain events, and its tables equal those of from_documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kevents.event import raw

EVENT: dict[str, Any] = {
    "apiVersion": "v1",
    "count": 7,
    "eventTime": None,
    "firstTimestamp": "2026-11-21T00:14:32Z",
    "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": "web-1", "namespace": "shop", "uid": "u"},
    "kind": "Event",
    "lastTimestamp": "2026-11-21T00:15:53Z",
    "message": "Back-off restarting failed container\n\u2028 \U0001f600 \x9b",
    "metadata": {"creationTimestamp": "2026-11-21T00:14:32Z", "name": "web-1.18e9", "namespace": "shop", "uid": "e"},
    "reason": "BackOff",
    "source": {"component": "kubelet", "host": "node-1"},
    "type": "Warning",
}


def plain(*events: Any, indent: int | None = None) -> Any:
    table = raw.parse_plain("\n".join(json.dumps(event, indent=indent) for event in events).encode())
    return None if table is None else table.to_pylist()


@pytest.mark.parametrize("indent", [None, 4])
def test_both_ways_give_the_same_rows(indent: int | None) -> None:
    assert plain(EVENT, EVENT, indent=indent) == raw.from_documents([(EVENT, None), (EVENT, None)]).to_pylist()


def test_managed_fields_and_nulls_are_accepted_and_dropped() -> None:
    event = {**EVENT, "action": None, "related": None, "metadata": {**EVENT["metadata"], "managedFields": [{"a": {}}]}}
    assert plain(event) == raw.from_documents([(EVENT, None)]).to_pylist()


@pytest.mark.parametrize(
    "fields",
    [
        {"labels": {"a": "b"}},
        {"kind": "Pod"},
        {"apiVersion": "events.k8s.io/v1"},
        {"count": 1.5},
        {"count": "3"},
        {"count": 2**70},
        {"message": 5},
        {"metadata": None},
        {"involvedObject": None},
        {"metadata": {"name": "x", "annotations": {"a": "b"}}},
        {"series": {"count": 1, "state": "Ongoing"}},
        {"related": {"kind": "Pod"}},
    ],
)
def test_anything_but_a_plain_event_is_refused(fields: dict[str, Any]) -> None:
    assert plain(EVENT, {**EVENT, **fields}) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"  ", b"[]", b"5", b'{"kind":"Event"', b"{}{}", b'{"message":"\xff"}', b'{"message":"\\ud800"}', b"{},{}"],
)
def test_data_that_is_not_a_sequence_of_events_is_refused(data: bytes) -> None:
    assert raw.parse_plain(data) is None


def test_lone_surrogates_become_the_replacement_character() -> None:
    (row,) = raw.from_documents([({"message": "a\ud800b \ud83d\ude00"}, "c\udfff")]).to_pylist()
    assert (row["message"], row["cluster"]) == ("a\ufffdb \U0001f600", "c\ufffd")


def test_a_field_without_a_column_is_kept_as_json() -> None:
    (row,) = raw.from_documents(
        [({"metadata": {"labels": {"b": 1, "a": "é"}}, "related": {"kind": "Node"}}, None)]
    ).to_pylist()
    assert row["extra"] == '{"metadata":{"labels":{"a":"é","b":1}}}'
    assert row["related"] == '{"kind":"Node"}'


def test_every_captured_event_is_plain(shared: Path) -> None:
    dump = json.loads((shared / "dumps/kubernetes-1.36/kubectl-get-events.json").read_bytes())
    rows = plain(*dump["items"])
    expected = raw.from_documents((event, None) for event in dump["items"]).to_pylist()
    assert [{k: v or None for k, v in row.items()} for row in rows] == expected
