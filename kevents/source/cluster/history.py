"""Checks whether a cluster still has the history that was watched, by the last event of it.

An etcd that was restored from a backup assigns the versions after the backup again, to other events. Its current
version may be higher than the last one that was seen, so the version alone proves nothing.
"""

from __future__ import annotations

from kevents.event.version import EventVersion
from kevents.source.cluster.list_body import ListBody
from kevents.source.cluster.updates import Scope


def path_of(event: EventVersion) -> str:
    """The path to request the event from. It is a list, because recorders may list events but not get them."""
    return Scope(event.namespace).path


def query_of(event: EventVersion) -> dict[str, str | int]:
    """The query for the event as it was at its version, even if it was changed or deleted later."""
    return {
        "fieldSelector": f"metadata.name={event.name}",
        "resourceVersion": event.resource_version,
        "resourceVersionMatch": "Exact",
        "limit": 1,
    }


def is_in(body: ListBody, event: EventVersion) -> bool:
    """Whether a response to the query has that version of the event. Reads the complete body."""
    return event in [EventVersion.of_event(item) for _, item in body]
