"""The names of a core/v1 Event's fields that have a column of their own."""

from __future__ import annotations

REFERENCE = ("apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid")
METADATA = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
TEXT = (
    *("eventTime", "firstTimestamp", "lastTimestamp", "message", "reason", "type", "action"),
    *("reportingComponent", "reportingInstance"),
)
GROUPS: dict[str, tuple[str, ...]] = {
    "metadata": METADATA,
    "involvedObject": REFERENCE,
    "source": ("component", "host"),
    "series": ("count", "lastObservedTime"),
}
