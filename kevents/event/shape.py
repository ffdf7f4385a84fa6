"""Which documents are Kubernetes Events.

A document with a kind (its own, or that of the items of its list) is an Event if

- the kind is Event,
- the API group is core or events.k8s.io, or is not given,
- it has no auditID: audit log records are of kind Event, too.

A document without a kind is an Event if it has

- an object (`involvedObject`, `regarding`) and a reason, a message or metadata, or
- a reason, a message and one of the timestamps of an Event: some exporters omit the object.

Keys may be those of core/v1, of events.k8s.io/v1, or of early versions without JSON tags (`InvolvedObject`).

Code that reads many documents has fast paths, which are named after these functions and compare only bytes or keys.
Their docstrings say how they differ; tests/source/test_event_fast_paths.py compares them with these functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OBJECTS = ("involvedObject", "regarding", "InvolvedObject")
_REASONS = ("reason", "Reason")
_MESSAGES = ("message", "note", "Message")
_TIMES = (
    *("firstTimestamp", "lastTimestamp", "eventTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"),
    *("FirstTimestamp", "LastTimestamp", "EventTime"),
)


def is_event(document: Mapping[str, Any], item_kind: str | None = None) -> bool:
    """Whether the document is a Kubernetes Event, by the rules above.

    item_kind: the kind of the items of the surrounding list; used if the document has no kind of its own.
    """
    kind = document.get("kind") or document.get("Kind") or item_kind
    if kind is not None:
        version = document.get("apiVersion") or document.get("APIVersion")
        return kind == "Event" and "auditID" not in document and _is_event_version(version)
    for key in _OBJECTS:
        if isinstance(document.get(key), dict):
            return any(name in document for name in (*_REASONS, *_MESSAGES, "metadata"))
    return (
        any(isinstance(document.get(key), str) for key in _REASONS)
        and any(isinstance(document.get(key), str) for key in _MESSAGES)
        and any(key in document for key in _TIMES)
    )


def is_api_event(item: Mapping[str, Any]) -> bool:
    """Whether an item from the core/v1 events API is an Event: the API may omit its kind, but never its metadata."""
    return item.get("apiVersion", "v1") == "v1" and isinstance(item.get("metadata"), dict) and is_event(item, "Event")


def _is_event_version(version: object) -> bool:
    if version is None or version == "":
        return True
    return isinstance(version, str) and ("/" not in version or version.startswith("events.k8s.io/"))
