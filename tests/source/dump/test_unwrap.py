"""Events are found in every wrapper and spelling, and other documents are not taken for events."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kevents.source.dump import unwrap
from kevents.source.dump.pieces import Document, Problem, Skipped
from tests.source.reading import canonical, event


def events(document: Any) -> list[dict[str, Any]]:
    return [piece.event for piece in unwrap.events(copy.deepcopy(document)) if isinstance(piece, Document)]


def skipped(document: Any) -> list[str]:
    pieces = list(unwrap.events(copy.deepcopy(document)))
    assert all(isinstance(piece, Skipped) for piece in pieces)
    return [piece.reason for piece in pieces if isinstance(piece, Skipped)]


EVENT = event()
NEWER = event(count=8)

WRAPPERS = {
    "bare": EVENT,
    "list": {"apiVersion": "v1", "kind": "List", "items": [EVENT]},
    "list without kind": {"items": [EVENT]},
    "list without JSON tags": {"Items": [EVENT]},
    "array": [EVENT],
    "watch ADDED": {"type": "ADDED", "object": EVENT},
    "watch MODIFIED": {"type": "MODIFIED", "object": EVENT},
    "eventrouter": {"verb": "ADDED", "event": EVENT},
    "eventrouter under a key": {"heptio": {"verb": "ADDED", "event": EVENT}},
    "eventrouter resync": {"verb": "UPDATED", "event": EVENT, "old_event": EVENT},
    "JSON in a string": {"host": "n1", "message": json.dumps(EVENT) + "\n"},
    "JSON in a string in a wrapper": {"kubernetes": {"log": json.dumps({"verb": "ADDED", "event": EVENT})}},
    "item without kind": {key: value for key, value in EVENT.items() if key not in ("kind", "apiVersion")},
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_an_event_is_found_in_every_wrapper(wrapper: str) -> None:
    assert events(WRAPPERS[wrapper]) == [canonical(EVENT)]


def test_both_states_of_an_eventrouter_update_are_observations_in_order() -> None:
    assert events({"verb": "UPDATED", "event": NEWER, "old_event": EVENT}) == [canonical(EVENT), canonical(NEWER)]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"type": "DELETED", "object": EVENT}, "deletions"),
        ({"verb": "DELETED", "event": EVENT}, "deletions"),
        ({"type": "BOOKMARK", "object": {"kind": "Event", "metadata": {"resourceVersion": "7"}}}, "bookmarks"),
        ({"kind": "Pod", "apiVersion": "v1", "status": {"reason": "Evicted", "message": "m"}}, "Pod"),
        ({"kind": "PodList", "items": [{"metadata": {"name": "x"}}]}, "Pod"),
        ({"kind": "Status", "reason": "Forbidden", "message": "no", "code": 403}, "Status"),
        ({"kind": "ConfigMap", "data": {"a": json.dumps(EVENT)}}, "ConfigMap"),
        ({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": "1", "verb": "get"}, "audit log lines"),
        ({"level": "info", "msg": "sync", "reason": "Resync", "time": "2026-11-21T00:00:00Z"}, "log lines"),
        ({"hello": "world"}, "documents without a kind"),
        ({"kind": "EventList", "items": None}, "empty list"),
        ([], "empty list"),
        ("text", "non-document values"),
    ],
)
def test_other_documents_are_skipped_with_their_kind(document: Any, reason: str) -> None:
    assert skipped(document) == [reason]


def test_an_error_line_of_a_watch_is_a_problem_with_an_escaped_message() -> None:
    line = {"type": "ERROR", "object": {"kind": "Status", "message": "too old\x1b[2J", "code": 410}}
    assert list(unwrap.events(line, line=5)) == [Problem("the API server ended the watch: too old^[[2J", 5, None)]


def test_events_of_the_new_api_group_get_core_v1_field_names() -> None:
    new = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": "web-1.18", "managedFields": [{"manager": "kubelet"}]},
        "regarding": {"kind": "Pod", "name": "web-1"},
        "note": "Back-off",
        "deprecatedCount": 3,
        "deprecatedFirstTimestamp": "2026-11-21T00:14:32Z",
        "deprecatedLastTimestamp": None,
        "deprecatedSource": {"component": "kubelet", "host": "n1"},
        "reportingController": "kubelet",
        "reportingInstance": "n1",
        "eventTime": "2026-11-21T00:14:32.000001Z",
        "x": 1,
    }
    assert events(new) == [
        {
            "metadata": {"name": "web-1.18"},
            "involvedObject": {"kind": "Pod", "name": "web-1"},
            "message": "Back-off",
            "count": 3,
            "firstTimestamp": "2026-11-21T00:14:32Z",
            "lastTimestamp": None,
            "source": {"component": "kubelet", "host": "n1"},
            "reportingComponent": "kubelet",
            "reportingInstance": "n1",
            "eventTime": "2026-11-21T00:14:32.000001Z",
            "x": 1,
        }
    ]


def test_a_field_keeps_its_name_if_the_core_v1_name_is_taken() -> None:
    assert events({**EVENT, "note": "another text"}) == [{**canonical(EVENT), "note": "another text"}]


def test_field_names_without_json_tags_become_core_v1_names() -> None:
    old = {
        "Name": "web-1.18",
        "Namespace": "shop",
        "UID": "u-1",
        "InvolvedObject": {"Kind": "Pod", "Name": "web-1", "APIVersion": "v1beta1", "UID": "u-2"},
        "Reason": "failed",
        "Message": "m",
        "Source": {"Component": "kubelet", "Host": "n1"},
        "Count": 2,
    }
    assert events({"Items": [old]}) == [
        {
            "metadata": {"name": "web-1.18", "namespace": "shop", "uid": "u-1"},
            "involvedObject": {"kind": "Pod", "name": "web-1", "apiVersion": "v1beta1", "uid": "u-2"},
            "reason": "failed",
            "message": "m",
            "source": {"component": "kubelet", "host": "n1"},
            "count": 2,
        }
    ]


def test_the_namespace_of_a_reduced_item_moves_to_its_metadata() -> None:
    reduced = {"namespace": "shop", "lastTimestamp": "2022-08-24T11:40:44+02:00", "reason": "R", "message": "m"}
    assert events({"items": [reduced]}) == [
        {"lastTimestamp": "2022-08-24T11:40:44+02:00", "reason": "R", "message": "m", "metadata": {"namespace": "shop"}}
    ]


@pytest.mark.parametrize("key", ["clusterName", "cluster"])
def test_the_cluster_of_an_exporter_becomes_the_cluster_label(key: str) -> None:
    (piece,) = unwrap.events({**copy.deepcopy(EVENT), key: "prod"})
    assert piece == Document(canonical(EVENT), "prod", 1)


def test_joined_keys_are_nested_again_whether_dotted_or_in_snake_case() -> None:
    dotted = {
        "verb": "ADDED",
        "event.metadata.name": "web-1.18",
        "event.metadata.labels.app.kubernetes.io/name": "web",
        "event.involvedObject.fieldPath": "spec.containers{app}",
        "event.reason": "BackOff",
    }
    assert events(dotted) == [
        {
            "metadata": {"name": "web-1.18", "labels": {"app.kubernetes.io/name": "web"}},
            "involvedObject": {"fieldPath": "spec.containers{app}"},
            "reason": "BackOff",
        }
    ]
    snake = {"event_metadata_name": "web-1.18", "event_involved_object_field_path": "f", "event_first_timestamp": "t"}
    assert events({**snake, "event_reason": "BackOff"}) == [
        {
            "metadata": {"name": "web-1.18"},
            "involvedObject": {"fieldPath": "f"},
            "firstTimestamp": "t",
            "reason": "BackOff",
        }
    ]


def test_managed_fields_are_dropped_and_unknown_keys_kept() -> None:
    metadata = {"name": "x", "labels": {"a": "b"}, "managedFields": [{"manager": "kubelet"}]}
    assert events({**EVENT, "metadata": metadata, "count": "null", "x": [1]}) == [
        {**canonical(EVENT), "metadata": {"name": "x", "labels": {"a": "b"}}, "count": "null", "x": [1]}
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["ADDED", "Event"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*"ab", "kind", "type", "object", "items", "event", "old_event", "verb", "metadata", "Reason"]
            )
            | st.sampled_from(
                ["involvedObject", "regarding", "note", "event.a.b", "event.a", "event_reason", "clusterName"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_document_yields_a_piece_and_none_raises(document: Any) -> None:
    pieces = list(unwrap.events(document))
    assert pieces
    assert all(isinstance(piece, Document | Skipped | Problem) for piece in pieces)
