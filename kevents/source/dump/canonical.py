"""What is an event, and its one form: core/v1 names, whichever API group or age of Kubernetes it comes from."""

from __future__ import annotations

from typing import Any

from kevents.event.fields import GROUPS, METADATA, RELATED
from kevents.source.dump.pieces import Document

# events.k8s.io/v1 → core/v1 (facts of the API: both are one stored object)
_NEW_STYLE = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedCount": "count",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedSource": "source",
}
# Go's field names, which were the JSON names before the 1.x tags; all others begin with a capital letter only
_UNTAGGED = {"UID": "uid", "APIVersion": "apiVersion", "ObjectMeta": "metadata"}
_INNER = (*GROUPS, RELATED)
_INLINED = (*METADATA, "selfLink", "generateName", "labels")
_TIMES = (
    *("firstTimestamp", "lastTimestamp", "eventTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"),
    *("FirstTimestamp", "LastTimestamp", "EventTime"),
)
_CLUSTER = ("clusterName", "cluster")  # kubernetes-event-exporter, kube-events


def is_event(document: dict[str, Any], kind: str | None = None) -> bool:
    """Whether the document is a Kubernetes event: by its kind, by its object, or by reason, text and time.

    Audit records are of kind Event too, and Pods, Statuses and log lines have reasons: they are none.
    kind: what the list around the document says that its items are.
    """
    kind = document.get("kind") or document.get("Kind") or kind
    if kind is not None:
        return (
            kind == "Event"
            and "auditID" not in document
            and _is_event_group(document.get("apiVersion") or document.get("APIVersion"))
        )
    for key in ("involvedObject", "regarding", "InvolvedObject"):
        if isinstance(document.get(key), dict):
            return any(name in document for name in ("reason", "Reason", "message", "Message", "note", "metadata"))
    return (
        any(isinstance(document.get(key), str) for key in ("reason", "Reason"))
        and any(isinstance(document.get(key), str) for key in ("message", "note", "Message"))
        and any(key in document for key in _TIMES)
    )


def _is_event_group(version: object) -> bool:
    if version is None or version == "":
        return True
    return isinstance(version, str) and ("/" not in version or version.startswith("events.k8s.io/"))


def document(event: dict[str, Any], line: int) -> Document:
    """The event in its one form. The mapping given is used up."""
    if "metadata" not in event or "Reason" in event or "InvolvedObject" in event:
        event = _with_metadata(event)
    if not _NEW_STYLE.keys().isdisjoint(event):
        event = _renamed(event, _NEW_STYLE)
    event.pop("kind", None)
    event.pop("apiVersion", None)
    metadata = event.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("managedFields", None)
    cluster = None
    for key in _CLUSTER:
        if isinstance(event.get(key), str):
            cluster = event.pop(key) or cluster
    return Document(event, cluster, line)


def _with_metadata(event: dict[str, Any]) -> dict[str, Any]:
    """An event from before the 1.x JSON tags, or reduced to a few keys: what belongs into metadata moves there."""
    event = _tagged(event)
    for key in _INNER:
        if isinstance(event.get(key), dict):
            event[key] = _tagged(event[key])
    if "metadata" not in event:
        event["metadata"] = {key: event.pop(key) for key in _INLINED if key in event}
        if "id" in event:  # v1beta1's name of the name
            event["metadata"].setdefault("name", event.pop("id"))
    return event


def _tagged(mapping: dict[str, Any]) -> dict[str, Any]:
    names = {key: _UNTAGGED.get(key, key[0].lower() + key[1:]) for key in mapping if key[:1].isupper()}
    return _renamed(mapping, names) if names else mapping


def _renamed(mapping: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The mapping under other names; a value that would take another's place keeps its own name."""
    renamed = {key: value for key, value in mapping.items() if key not in names}
    for key, value in mapping.items():
        if key in names:
            name = names[key]
            taken = renamed.get(name) not in (None, "", {}) and renamed[name] != value
            if not taken:
                renamed[name] = value
            elif value not in (None, "", {}):
                renamed[key] = value
    return renamed
