"""The identity of one version of an Event, by which the history of a cluster can be recognized."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EventVersion:
    """One version of an Event: no other one in any cluster has the same values."""

    namespace: str
    name: str
    uid: str
    resource_version: int

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> EventVersion | None:
        """The version of a core/v1 Event; None if it is incomplete."""
        match event.get("metadata"):
            case {"namespace": str(namespace), "name": str(name), "uid": str(uid), "resourceVersion": str(version)}:
                is_number = version.isascii() and version.isdecimal() and len(version) < 20
                return cls(namespace, name, uid, int(version)) if is_number and namespace and name else None
        return None

    @classmethod
    def of_entry(cls, entry: object) -> EventVersion | None:
        """The version in an entry of a store; None if it has another form."""
        match entry:
            case {"namespace": str(namespace), "name": str(name), "uid": str(uid), "resource_version": int(version)}:
                return cls(namespace, name, uid, version)
        return None

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name} of version {self.resource_version}"

    @property
    def entry(self) -> dict[str, object]:
        """The version as an entry of a store."""
        return asdict(self)


def newer(one: EventVersion | None, other: EventVersion | None) -> EventVersion | None:
    """The newer of two versions of events of a cluster."""
    if one is None or other is None:
        return one or other
    return one if one.resource_version >= other.resource_version else other
