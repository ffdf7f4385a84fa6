"""The canonical form of an event: core/v1 field names, for events of any API group and Kubernetes version."""

from __future__ import annotations

import re
from typing import Any

from kevents.event.fields import GROUPS, METADATA, RELATED
from kevents.source.dump.pieces import Document

# events.k8s.io/v1 to core/v1: both API groups serve the same stored object
_NEW_STYLE = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedCount": "count",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedSource": "source",
}
# Go's field names, which were the JSON keys before the 1.x JSON tags. All others only differ in the first letter.
_UNTAGGED = {"UID": "uid", "APIVersion": "apiVersion", "ObjectMeta": "metadata"}
_NESTED = (*GROUPS, RELATED)
_METADATA = (*METADATA, "selfLink", "generateName", "labels")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_CLUSTER_KEYS = ("clusterName", "cluster")  # added by kubernetes-event-exporter and kube-events


def to_document(event: dict[str, Any], line: int) -> Document:
    """The event in canonical form. The given mapping must not be used afterwards."""
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
    for key in _CLUSTER_KEYS:
        if isinstance(event.get(key), str):
            cluster = _LONE_SURROGATE.sub("\ufffd", event.pop(key)) or cluster
    return Document(event, cluster, line)


def _with_metadata(event: dict[str, Any]) -> dict[str, Any]:
    """An event without JSON tags, or one reduced to a few keys, with its metadata under `metadata`."""
    event = _tagged(event)
    for key in _NESTED:
        if isinstance(event.get(key), dict):
            event[key] = _tagged(event[key])
    if "metadata" not in event:
        event["metadata"] = {key: event.pop(key) for key in _METADATA if key in event}
        if "id" in event:  # the name in v1beta1
            event["metadata"].setdefault("name", event.pop("id"))
    return event


def _tagged(mapping: dict[str, Any]) -> dict[str, Any]:
    """The mapping with JSON keys in place of Go field names."""
    names = {key: _UNTAGGED.get(key, key[0].lower() + key[1:]) for key in mapping if key[:1].isupper()}
    return _renamed(mapping, names) if names else mapping


def _renamed(mapping: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The mapping with renamed keys. A key keeps its old name if the new one already has a different value."""
    renamed = {key: value for key, value in mapping.items() if key not in names}
    for key, value in mapping.items():
        if key in names:
            name = names[key]
            is_taken = renamed.get(name) not in (None, "", {}) and renamed[name] != value
            if not is_taken:
                renamed[name] = value
            elif value not in (None, "", {}):
                renamed[key] = value
    return renamed
