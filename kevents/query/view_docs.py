"""The views and their columns, documented: what `kevents query --schema` prints."""

from __future__ import annotations

from typing import NamedTuple

from kevents.event.schema import DERIVED, PARTITION, STORED, Field


class View(NamedTuple):
    name: str
    meaning: str
    columns: tuple[Field, ...]


def _resolved(field: Field) -> Field:
    """What the view makes of a column of the files."""
    return _RESOLVED.get(field.name, field)


_RESOLVED = {
    "name": Field("name", "VARCHAR", "involvedObject.name; where it is missing the event's name up to its last dot"),
    "event_name": Field("event_name", "VARCHAR", "metadata.name"),
    "uid": Field("uid", "VARCHAR", "metadata.uid: one life of the event in the cluster"),
    "created": Field("created", "TIMESTAMPTZ", "metadata.creationTimestamp"),
}

_OBSERVATION = (*map(_resolved, STORED), *PARTITION, *DERIVED)

_OF_OCCURRENCES = (
    Field("occurrences", "BIGINT", "how often it happened between the observation before and this one, in the window"),
    Field("step_us", "BIGINT", "microseconds from one of these occurrences to the next: they are spread evenly"),
    Field(
        "latest", "TIMESTAMPTZ", "when the newest of these occurrences happened; last_seen unless the window cuts it"
    ),
    Field("earliest", "TIMESTAMPTZ", "when the oldest of these occurrences happened"),
)

_OF_PULLS = (
    Field("cluster", "VARCHAR", "the cluster's label"),
    Field("namespace", "VARCHAR", "where the event lives"),
    Field("pod", "VARCHAR", "the pod that wanted the image"),
    Field("container", "VARCHAR", "the container that wanted it"),
    Field("node", "VARCHAR", "the node that pulled it"),
    Field("image", "VARCHAR", "the image as the pod names it"),
    Field("result", "VARCHAR", "pulled, cached (already on the node), failed, or backoff (waiting to try again)"),
    Field("times", "BIGINT", "how often: one event may tell of several pulls"),
    Field("latest", "TIMESTAMPTZ", "when, the newest of these times"),
    Field("took", "DOUBLE", "seconds that the pull itself took, where the kubelet says so"),
    Field(
        "waited", "DOUBLE", "seconds from asking to having it, waiting for other pulls included; since Kubernetes 1.23"
    ),
    Field("size", "BIGINT", "bytes of the image, where the kubelet says so"),
    Field("error", "VARCHAR", "why it failed"),
    Field("last_seen", "TIMESTAMPTZ", "last_seen of the observation"),
    Field("first_seen", "TIMESTAMPTZ", "first_seen of the observation"),
    Field("count", "BIGINT", "the cumulative count of the observation"),
    Field("step_us", "BIGINT", "microseconds from one of these times to the next"),
    Field("reason", "VARCHAR", "the event's reason"),
    Field("type", "VARCHAR", "the event's type"),
    Field("component", "VARCHAR", "who says so"),
    Field("kind", "VARCHAR", "involvedObject.kind"),
    Field("name", "VARCHAR", "involvedObject.name"),
    Field("object", "VARCHAR", "kind/name"),
    Field("event_name", "VARCHAR", "metadata.name"),
    Field("message", "VARCHAR", "the message as it was sent"),
)

_OF_RELATIONS = (
    Field("cluster", "VARCHAR", "the cluster's label"),
    Field("namespace", "VARCHAR", "where the child is, and the parent unless it is a node"),
    Field("parent_kind", "VARCHAR", "kind of the owner, node, volume's claim or autoscaler"),
    Field("parent_name", "VARCHAR", "its name"),
    Field("kind", "VARCHAR", "kind of the child"),
    Field("name", "VARCHAR", "its name"),
    Field("relation", "VARCHAR", "owner, node (runs it), volume (a claim that it mounts) or target (autoscaled)"),
    Field("how", "VARCHAR", "said (in a message), owner (by ownerReferences) or inferred (from names)"),
    Field("reason", "VARCHAR", "the reason of the event that said it first"),
    Field("since", "TIMESTAMPTZ", "first_seen of that event; null where it is inferred"),
)

VIEWS: tuple[View, ...] = (
    View("events", "one row per event: its newest observation", _OBSERVATION),
    View(
        "occurrences",
        "one row per observation, with how often it happened since the one before",
        (*_OBSERVATION, *_OF_OCCURRENCES),
    ),
    View("pulls", "one row per result of pulling an image", _OF_PULLS),
    View("relations", "one row per parent and child that events tell of, whatever the window", _OF_RELATIONS),
    View("observations", "one row per observation, as it was captured", _OBSERVATION),
)


class Function(NamedTuple):
    call: str
    type: str
    meaning: str


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "happened(latest, occurrences, step_us, since, until)",
        "BIGINT",
        "how many of a row's occurrences lie in [since, until)",
    ),
    Function("window_start()", "TIMESTAMPTZ", "--since; null without it"),
    Function("window_end()", "TIMESTAMPTZ", "--until; null without it"),
    Function("as_of()", "TIMESTAMPTZ", "now, or what --as-of says"),
    Function("shape_of(message)", "VARCHAR", "the message with numbers (#), hashes, addresses and names (*) masked"),
    Function("shape_of(message, name)", "VARCHAR", "the same, with the name of its own object masked as well"),
    Function("is_image(image, meant)", "BOOLEAN", "whether it is that image, with or without registry, tag and digest"),
    Function("severity_rank(severity)", "INTEGER", "0 for info up to 4 for critical"),
    Function("go_seconds(text)", "DOUBLE", "a duration as Go writes it (3m52.5s) in seconds"),
    Function("name_time(first_seen, clock_ns)", "BIGINT", "the clock in an event's name, in nanoseconds since 1970"),
)
