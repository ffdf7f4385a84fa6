"""Which documents are Events."""

from __future__ import annotations

from typing import Any

import pytest

from kevents.event.shape import is_api_event, is_event

POD = {"kind": "Pod", "name": "web-1"}
TEXTS = {"reason": "BackOff", "message": "Back-off"}

EVENTS: dict[str, dict[str, Any]] = {
    "core/v1": {"kind": "Event", "apiVersion": "v1", "metadata": {}, "involvedObject": POD},
    "events.k8s.io": {"kind": "Event", "apiVersion": "events.k8s.io/v1", "regarding": POD, "note": "Back-off"},
    "a kind and nothing else": {"kind": "Event"},
    "no kind, with an object and a reason": {"involvedObject": POD, "reason": "BackOff"},
    "no kind, with a new-style object and metadata": {"regarding": POD, "metadata": {}},
    "no kind and no object": {**TEXTS, "lastTimestamp": None},
    "without JSON tags": {"InvolvedObject": POD, "Reason": "BackOff"},
}
OTHERS: dict[str, dict[str, Any]] = {
    "another kind": {"kind": "Pod", "apiVersion": "v1", "metadata": {}, **TEXTS},
    "an audit record": {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": "1"},
    "an audit record without a version": {"kind": "Event", "auditID": "1"},
    "another API group": {"kind": "Event", "apiVersion": "argoproj.io/v1"},
    "an object without a reason, a message or metadata": {"involvedObject": POD},
    "a log line with a reason, but without a time of an Event": {**TEXTS, "time": "2026-11-21T00:00:00Z"},
    "an empty object": {},
}


@pytest.mark.parametrize("name", EVENTS)
def test_events_are_recognized(name: str) -> None:
    assert is_event(EVENTS[name])


@pytest.mark.parametrize("name", OTHERS)
def test_other_documents_are_not_events(name: str) -> None:
    assert not is_event(OTHERS[name])


def test_the_kind_of_a_list_applies_to_items_without_a_kind() -> None:
    assert is_event({}, "Event")
    assert not is_event(EVENTS["no kind, with an object and a reason"], "Pod")
    assert is_event(EVENTS["core/v1"], "Pod")


def test_items_from_the_api_need_no_kind_but_metadata() -> None:
    assert is_api_event({"metadata": {}})
    assert is_api_event({"kind": "Event", "apiVersion": "v1", "metadata": {}})
    assert not is_api_event({"kind": "Event", "apiVersion": "v1"})
    assert not is_api_event({"kind": "Pod", "apiVersion": "v1", "metadata": {}})
    assert not is_api_event({"apiVersion": "events.k8s.io/v1", "metadata": {}})
