"""How the components of a Kubernetes 1.36 cluster write events, and how kubectl prints them as a list.

Every identifier is derived from what it identifies: the same story always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)
NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # apimachinery's rand.String has no vowels: no words by accident


def at(clock: str) -> float:
    """Seconds after midnight of `10:02:07` or `10:02:07.250`; negative hours lie on the day before."""
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def digest(*identity: object) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(map(str, identity)).encode()).digest())


def uid(*identity: object) -> str:
    return str(uuid.UUID(int=digest("uid", *identity) >> 128, version=4))


def word(length: int, *identity: object) -> str:
    """A generated part of a name, such as a pod's last five letters."""
    number = digest("word", *identity)
    return "".join(NAME_LETTERS[number // 27**place % 27] for place in range(length))


def go_duration(milliseconds: int) -> str:
    """A Go duration as kubelets write it, truncated to milliseconds: 308ms, 2.4s, 1m12.5s."""
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    return (f"{minutes}m" if minutes else "") + f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"


@dataclass(frozen=True)
class Thing:
    """An object that events are about; made: when, which decides its resourceVersion."""

    kind: str
    name: str
    namespace: str | None
    api_version: str | None = "v1"
    uid: str = ""
    made: float | None = None
    field_path: str | None = None

    def reference(self) -> dict[str, str]:
        """The involvedObject: nodes have no namespace and no resourceVersion there."""
        fields = {
            "apiVersion": self.api_version,
            "fieldPath": self.field_path,
            "kind": self.kind,
            "name": self.name,
            "namespace": self.namespace,
            "resourceVersion": None if self.made is None else str(version_at(self.made)),
            "uid": self.uid or uid(self.kind, self.namespace, self.name),
        }
        return {key: value for key, value in fields.items() if value is not None}


def version_at(seconds: float) -> int:
    """The cluster's resourceVersion at a moment: it grows with every write of anything."""
    return 4_812_000 + round(seconds * 11)


class Cluster:
    """The events of a cluster, as its components have left them by now."""

    def __init__(self) -> None:
        self._events: list[tuple[int, dict[str, object]]] = []

    def classic(
        self,
        thing: Thing,
        reason: str,
        message: str,
        first: float,
        *,
        component: str,
        host: str = "",
        type: str = "Normal",
        count: int = 1,
        last: float | None = None,
    ) -> None:
        """An event of client-go's record.EventRecorder: count, first and last timestamp in whole seconds."""
        started = nanoseconds(first, thing, reason, message)
        written = started if last is None else nanoseconds(last, thing, reason, message)
        event = self._begin(thing, reason, message, started, type)
        event |= {
            "count": count,
            "eventTime": None,
            "firstTimestamp": stamp(started),
            "lastTimestamp": stamp(written),
            "reportingComponent": component,
            "reportingInstance": host,
            "source": {"component": component} | ({"host": host} if host else {}),
        }
        self._events.append((written, event))

    def series(
        self,
        thing: Thing,
        reason: str,
        note: str,
        first: float,
        *,
        action: str,
        controller: str,
        instance: str,
        type: str = "Normal",
        count: int = 1,
        last: float | None = None,
    ) -> None:
        """An event of the new recorder (client-go tools/events): eventTime alone, a series from the second on."""
        started = nanoseconds(first, thing, reason, note)
        written = started if last is None else nanoseconds(last, thing, reason, note)
        event = self._begin(thing, reason, note, started, type)
        event |= {
            "action": action,
            "eventTime": stamp(started, micro=True),
            "firstTimestamp": None,
            "lastTimestamp": None,
            "reportingComponent": controller,
            "reportingInstance": instance,
            "source": {},
        }
        if count > 1:
            event["series"] = {"count": count, "lastObservedTime": stamp(written, micro=True)}
        self._events.append((written, event))

    def _begin(self, thing: Thing, reason: str, message: str, started: int, type: str) -> dict[str, object]:
        namespace = thing.namespace or "default"  # where events of cluster-scoped objects live
        name = f"{thing.name}.{started:x}"
        metadata = {
            "creationTimestamp": stamp(started),
            "name": name,
            "namespace": namespace,
            "uid": uid("Event", name),
        }
        event: dict[str, object] = {
            "apiVersion": "v1",
            "involvedObject": thing.reference(),
            "kind": "Event",
            "metadata": metadata,
            "reason": reason,
            "type": type,
        }
        return event | ({"message": message} if message else {})  # omitempty

    def listing(self) -> str:
        """What `kubectl get events -A -o json` prints: etcd's order, sorted keys, indented by 4, HTML escaped."""
        version = 0
        for written, event in sorted(self._events, key=lambda pair: pair[0]):
            version = max(version + 1, version_at(written / 1e9 - MIDNIGHT.timestamp()))
            event["metadata"] |= {"resourceVersion": str(version)}  # type: ignore[operator]
        items = [event for _, event in self._events]
        items.sort(key=lambda event: (event["metadata"]["namespace"], event["metadata"]["name"]))  # type: ignore[index]
        document = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
        text = json.dumps(document, indent=4, sort_keys=True, ensure_ascii=False)
        for character in "<>&":  # encoding/json does so, and nothing outside a string holds them
            text = text.replace(character, f"\\u{ord(character):04x}")
        return text + "\n"


def nanoseconds(seconds: float, thing: Thing, reason: str, message: str) -> int:
    """UnixNano of a moment; below its millisecond the digits are the event's own."""
    whole = int(MIDNIGHT.timestamp()) * 1000 + round(seconds * 1000)
    return whole * 1_000_000 + digest(thing.namespace, thing.name, reason, message, seconds) % 1_000_000


def stamp(nanos: int, *, micro: bool = False) -> str:
    """metav1.Time (seconds) or metav1.MicroTime as JSON."""
    moment = datetime.fromtimestamp(nanos // 1_000_000_000, UTC) + timedelta(microseconds=nanos // 1000 % 1_000_000)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}" if micro else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def container(pod: Thing, name: str) -> Thing:
    """The pod, with the container that an event of it is about."""
    return replace(pod, field_path=f"spec.containers{{{name}}}")
