"""What the scripted cluster holds: events with increasing versions, their history, and the ledger."""

from __future__ import annotations

import bisect
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.server.events import encode, event, line


@dataclass(frozen=True)
class Version:
    """One version that an event had: what a recorder must have seen, or be able to say that it missed."""

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
    """Events, and every change since the last compaction."""

    def __init__(self, version: int = 1000) -> None:
        self.version = version
        self.compacted = 0
        self.ledger: list[Version] = []
        self.changed = threading.Condition()
        self._objects: dict[tuple[str, str], dict[str, Any]] = {}
        self._changes: list[Change] = []
        self._snapshots: dict[int, list[tuple[str, bytes]]] = {}
        self._made = 0

    def add(self, number: int = 1, namespace: str = "default", **fields: Any) -> list[str]:
        """Create events under names of their own."""
        names = []
        for _ in range(number):
            self._made += 1
            name = f"web-{self._made % 50}.{0x18E9E724E31E1FB1 + self._made:x}"
            self.put(event(name, namespace, str(uuid.UUID(int=self._made)), **fields))
            names.append(name)
        return names

    def update(self, name: str, namespace: str = "default", **fields: Any) -> int:
        """Change an event, as a recorder's PATCH does; its count goes up unless a field says otherwise."""
        old = self._objects[namespace, name]
        return self.put(old | {"count": (old.get("count") or 1) + 1} | fields)

    def put(self, made: dict[str, Any]) -> int:
        """Store an event and tell the watchers; says its version."""
        with self.changed:
            self.version += 1
            metadata = made["metadata"] | {"resourceVersion": str(self.version)}
            made = made | {"metadata": metadata}
            namespace, name = metadata["namespace"], metadata["name"]
            kind = "MODIFIED" if (namespace, name) in self._objects else "ADDED"
            self._objects[namespace, name] = made
            self._changes.append(Change(self.version, namespace, line(kind, encode(made))))
            self.ledger.append(Version(namespace, name, metadata["uid"], self.version, made.get("count")))
            self.changed.notify_all()
            return self.version

    def expire(self, names: Iterable[str], namespace: str = "default") -> int:
        """Let events go, all under one version, as etcd does when their lease ends."""
        with self.changed:
            self.version += 1
            for name in names:
                gone = self._objects.pop((namespace, name))
                gone = gone | {"metadata": gone["metadata"] | {"resourceVersion": str(self.version)}}
                self._changes.append(Change(self.version, namespace, line("DELETED", encode(gone))))
            self.changed.notify_all()
            return self.version

    def compact(self) -> None:
        """Forget the history: whoever comes and wants to go on from before gets a 410; who is watching goes on."""
        with self.changed:
            self.compacted = self.version
            self._snapshots.clear()

    def restore(self, version: int) -> None:
        """Go back to an older version, as after a restore from a backup."""
        with self.changed:
            self.version = version
            self._changes.clear()
            self._snapshots.clear()
            kept = {k: o for k, o in self._objects.items() if int(o["metadata"]["resourceVersion"]) <= version}
            self._objects = kept

    def snapshot(self, version: int | None = None) -> tuple[int, list[tuple[str, bytes]]] | None:
        """All events of a version as (namespace, item), or None if that version is gone; of now without one."""
        with self.changed:
            if version is None:
                version = self.version
                objects = sorted(self._objects.items())
                self._snapshots[version] = [(namespace, encode(made)) for (namespace, _), made in objects]
            items = self._snapshots.get(version)
            return None if items is None else (version, items)

    def changes(self, after: int, namespace: str | None, wait: float) -> tuple[int, list[bytes]]:
        """The lines behind a version and the version they reach to, waiting for some."""
        with self.changed:
            self.changed.wait_for(lambda: bool(self._changes) and self._changes[-1].version > after, wait)
            first = bisect.bisect_right(self._changes, after, key=lambda change: change.version)
            found = self._changes[first:]
            reached = max(found[-1].version, after) if found else after
            return reached, [change.line for change in found if namespace in (None, change.namespace)]
