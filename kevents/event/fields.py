"""The fields of a core/v1 Event that have a column of their own. All other code takes the field names from here."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_META = ("apiVersion", "kind")
METADATA = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
REFERENCE = ("apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid")  # an ObjectReference
SOURCE = ("component", "host")
SERIES = ("count", "lastObservedTime")

TEXT = (
    *("eventTime", "firstTimestamp", "lastTimestamp", "message", "reason", "type", "action"),
    *("reportingComponent", "reportingInstance"),
)
COUNT = "count"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "metadata": METADATA,
    "involvedObject": REFERENCE,
    "source": SOURCE,
    "series": SERIES,
}
RELATED = "related"  # a second ObjectReference, stored as JSON

TOP_LEVEL = frozenset((*TYPE_META, *TEXT, COUNT, *GROUPS, RELATED))

# keys that the API defines for events, in any object
API_KEYS = TOP_LEVEL.union(
    *GROUPS.values(),
    ("annotations", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName", "generation"),
    ("labels", "managedFields", "ownerReferences", "selfLink"),
    ("blockOwnerDeletion", "controller"),  # of an owner
    ("state",),  # of a series, until Kubernetes 1.18
)

Path = tuple[str, ...]

# every field with a column, from the Event down
PATHS: tuple[Path, ...] = (
    *((name,) for name in (*TEXT, COUNT)),
    *((group, name) for group, names in GROUPS.items() for name in names),
)
INTEGERS: frozenset[Path] = frozenset({(COUNT,), ("series", "count")})

# when an event was last seen: the first of these that is set; observe.sql has the same order, which a test compares
LAST_SEEN: tuple[Path, ...] = (
    ("series", "lastObservedTime"),
    ("lastTimestamp",),
    ("eventTime",),
    ("firstTimestamp",),
    ("metadata", "creationTimestamp"),
)
