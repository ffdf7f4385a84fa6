"""The storage of the scripted cluster: events with increasing versions, their history, and the ledger."""

from __future__ import annotations

import bisect
import json
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.server.events import encode, event, line


@dataclass(frozen=True)
class Version:
    """One version of an event: a recorder must have received it, or report a gap."""

    namespace: str
    name: str
    uid: str
    resource_version: int
    count: int | None


@dataclass(frozen=True)
class Change:
    version: int
    namespace: str
    line: bytes


class Etcd:
    """Events and every change since the last compaction."""

    def __init__(self, version: int = 1000) -> None:
        self.version = version
        self.compacted = 0
        self.ledger: list[Version] = []
        self.changed = threading.Condition()
        self._objects: dict[tuple[str, str], dict[str, Any]] = {}
        self._changes: list[Change] = []
        self._snapshots: dict[int, list[tuple[str, bytes]]] = {}
        self._created = 0

    def add(self, number: int = 1, namespace: str = "default", **fields: Any) -> list[str]:
        """Create events with unique names."""
        names = []
        for _ in range(number):
            self._created += 1
            name = f"web-{self._created % 50}.{0x18E9E724E31E1FB1 + self._created:x}"
            self.put(event(name, namespace, str(uuid.UUID(int=self._created)), **fields))
            names.append(name)
        return names

    def update(self, name: str, namespace: str = "default", **fields: Any) -> int:
        """Change an event like the PATCH of an event recorder. The count is incremented, unless it is given."""
        old = self._objects[namespace, name]
        return self.put(old | {"count": (old.get("count") or 1) + 1} | fields)

    def put(self, item: dict[str, Any]) -> int:
        """Store an event and notify the watchers; returns its version."""
        with self.changed:
            self.version += 1
            metadata = item["metadata"] | {"resourceVersion": str(self.version)}
            item = item | {"metadata": metadata}
            namespace, name = metadata["namespace"], metadata["name"]
            kind = "MODIFIED" if (namespace, name) in self._objects else "ADDED"
            self._objects[namespace, name] = item
            self._changes.append(Change(self.version, namespace, line(kind, encode(item))))
            self.ledger.append(Version(namespace, name, metadata["uid"], self.version, item.get("count")))
            self.changed.notify_all()
            return self.version

    def expire(self, names: Iterable[str], namespace: str = "default") -> int:
        """Delete events, all with the same version, as etcd does when their lease expires."""
        with self.changed:
            self.version += 1
            for name in names:
                item = self._objects.pop((namespace, name))
                item = item | {"metadata": item["metadata"] | {"resourceVersion": str(self.version)}}
                self._changes.append(Change(self.version, namespace, line("DELETED", encode(item))))
            self.changed.notify_all()
            return self.version

    def compact(self) -> None:
        """Drop the history: resuming from an older version returns a 410, open watches continue."""
        with self.changed:
            self.compacted = self.version
            self._snapshots.clear()

    def restore(self, version: int) -> None:
        """Return to an older version, as after a restore from a backup."""
        with self.changed:
            self.version = version
            self._changes.clear()
            self._snapshots.clear()
            self._objects = {
                key: item for key, item in self._objects.items() if int(item["metadata"]["resourceVersion"]) <= version
            }

    def snapshot(self, version: int | None = None) -> tuple[int, list[tuple[str, bytes]]] | None:
        """All events of a version, by default the current one, as (namespace, item); None if it was compacted."""
        with self.changed:
            if version is None:
                version = self.version
                objects = sorted(self._objects.items())
                self._snapshots[version] = [(namespace, encode(item)) for (namespace, _), item in objects]
            items = self._snapshots.get(version)
            return None if items is None else (version, items)

    def exact(self, version: int, namespace: str, name: str) -> list[Any]:
        """The event as it was at a version that is not compacted, or an empty list if there was none."""
        with self.changed:
            changes = [json.loads(change.line) for change in self._changes if change.version <= version]
            changes = [change for change in changes if _name(change["object"]) == (namespace, name)]
            if changes:
                return [] if changes[-1]["type"] == "DELETED" else [changes[-1]["object"]]
            item = self._objects.get((namespace, name))
            return [item] if item and int(item["metadata"]["resourceVersion"]) <= version else []

    def changes(self, after: int, namespace: str | None, wait: float) -> tuple[int, list[bytes]]:
        """The last version and the lines of the changes after a version, waiting if there are none."""
        with self.changed:
            self.changed.wait_for(lambda: bool(self._changes) and self._changes[-1].version > after, wait)
            first = bisect.bisect_right(self._changes, after, key=lambda change: change.version)
            changes = self._changes[first:]
            last = max(changes[-1].version, after) if changes else after
            return last, [change.line for change in changes if namespace in (None, change.namespace)]


def _name(item: dict[str, Any]) -> tuple[str, str]:
    return item["metadata"]["namespace"], item["metadata"]["name"]
