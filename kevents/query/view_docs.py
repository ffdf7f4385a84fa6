"""The documentation of the views and their columns, as `kevents query --schema` prints it."""

from __future__ import annotations

from typing import NamedTuple

from kevents.event.schema import DERIVED, PARTITION, STORED, Field


class View(NamedTuple):
    name: str
    meaning: str
    columns: tuple[Field, ...]


def _decoded(field: Field) -> Field:
    """A column of the files as the views show it."""
    return _DECODED.get(field.name, field)


_DECODED = {
    "name": Field("name", "VARCHAR", "involvedObject.name; if missing, the event's name up to its last dot"),
    "event_name": Field("event_name", "VARCHAR", "metadata.name"),
    "uid": Field("uid", "VARCHAR", "metadata.uid; changes when an expired event is created again"),
    "created": Field("created", "TIMESTAMPTZ", "metadata.creationTimestamp"),
}

_OBSERVATION = (*map(_decoded, STORED), *PARTITION, *DERIVED)

_OCCURRENCE = (
    Field("occurrences", "BIGINT", "occurrences in the window since the event's previous observation"),
    Field("step_us", "BIGINT", "microseconds between two of these occurrences, which are evenly spread"),
    Field("latest", "TIMESTAMPTZ", "time of the newest of these occurrences; last_seen unless the window ends earlier"),
    Field("earliest", "TIMESTAMPTZ", "time of the oldest of these occurrences"),
)

_PULL = (
    Field("cluster", "VARCHAR", "the cluster's label"),
    Field("namespace", "VARCHAR", "namespace of the event"),
    Field("pod", "VARCHAR", "the pod that uses the image"),
    Field("container", "VARCHAR", "the container that uses the image"),
    Field("node", "VARCHAR", "the node that pulled the image"),
    Field("image", "VARCHAR", "the image, as named in the pod"),
    Field("result", "VARCHAR", "pulled, cached (already on the node), failed, or backoff (waiting to retry)"),
    Field("times", "BIGINT", "number of pulls; one event can stand for several"),
    Field("latest", "TIMESTAMPTZ", "time of the newest of these pulls"),
    Field("took", "DOUBLE", "seconds for the pull itself, if the kubelet reports it"),
    Field("waited", "DOUBLE", "seconds including the wait for other pulls; since Kubernetes 1.23"),
    Field("size", "BIGINT", "bytes of the image, if the kubelet reports it"),
    Field("error", "VARCHAR", "why the pull failed"),
    Field("last_seen", "TIMESTAMPTZ", "last_seen of the observation"),
    Field("first_seen", "TIMESTAMPTZ", "first_seen of the observation"),
    Field("count", "BIGINT", "cumulative count of the observation"),
    Field("step_us", "BIGINT", "microseconds between two of these pulls"),
    Field("reason", "VARCHAR", "the event's reason"),
    Field("type", "VARCHAR", "the event's type"),
    Field("component", "VARCHAR", "source component, or reporting controller"),
    Field("kind", "VARCHAR", "involvedObject.kind"),
    Field("name", "VARCHAR", "involvedObject.name"),
    Field("object", "VARCHAR", "kind/name"),
    Field("event_name", "VARCHAR", "metadata.name"),
    Field("message", "VARCHAR", "the original message"),
)

_RELATION = (
    Field("cluster", "VARCHAR", "the cluster's label"),
    Field("namespace", "VARCHAR", "namespace of the child, and of the parent unless it is a node"),
    Field("parent_kind", "VARCHAR", "kind of the parent: an owner, a node, a volume claim or an autoscaler"),
    Field("parent_name", "VARCHAR", "name of the parent"),
    Field("kind", "VARCHAR", "kind of the child"),
    Field("name", "VARCHAR", "name of the child"),
    Field("relation", "VARCHAR", "owner, node (runs it), volume (a claim that it mounts) or target (autoscaled)"),
    Field("how", "VARCHAR", "said (in a message), owner (by ownerReferences) or inferred (from names)"),
    Field("reason", "VARCHAR", "reason of the first event that shows the relation"),
    Field("since", "TIMESTAMPTZ", "first_seen of that event; null if inferred"),
)

VIEWS: tuple[View, ...] = (
    View("events", "one row per event: its newest observation", _OBSERVATION),
    View(
        "occurrences",
        "one row per observation, with the occurrences since the event's previous one",
        (*_OBSERVATION, *_OCCURRENCE),
    ),
    View("pulls", "one row per result of an image pull", _PULL),
    View("relations", "one row per parent/child relation found in events, ignoring the time window", _RELATION),
    View("observations", "one row per observation, as captured", _OBSERVATION),
)


class Function(NamedTuple):
    call: str
    type: str
    meaning: str


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "happened(latest, occurrences, step_us, since, until)",
        "BIGINT",
        "number of a row's occurrences in [since, until)",
    ),
    Function("window_start()", "TIMESTAMPTZ", "--since; null without it"),
    Function("window_end()", "TIMESTAMPTZ", "--until; null without it"),
    Function("as_of()", "TIMESTAMPTZ", "--as-of, or the current time"),
    Function("shape_of(message)", "VARCHAR", "the message with numbers (#), hashes, addresses and names (*) masked"),
    Function("shape_of(message, name)", "VARCHAR", "the same, with the name of the event's object masked too"),
    Function("is_image(image, name)", "BOOLEAN", "whether the image has this name, ignoring registry, tag and digest"),
    Function("severity_rank(severity)", "INTEGER", "from 0 for info to 4 for critical"),
    Function("go_seconds(text)", "DOUBLE", "a Go duration (3m52.5s) in seconds"),
    Function("name_time(first_seen, clock_ns)", "BIGINT", "the clock in an event's name, in nanoseconds since 1970"),
)
