"""Writes events as the components of a Kubernetes 1.36 cluster do, and lists them as kubectl does.

All identifiers are derived from the object that they identify, so the output is always the same.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)
NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # as in apimachinery's rand.String


def at(clock: str) -> float:
    """The seconds after midnight of `10:02:07` or `10:02:07.250`. Negative hours are on the day before."""
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def digest(*identity: object) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(map(str, identity)).encode()).digest())


def uid(*identity: object) -> str:
    return str(uuid.UUID(int=digest("uid", *identity) >> 128, version=4))


def word(length: int, *identity: object) -> str:
    """A generated part of a name, such as the last five letters of a pod."""
    number = digest("word", *identity)
    return "".join(NAME_LETTERS[number // 27**place % 27] for place in range(length))


def go_duration(milliseconds: int) -> str:
    """A Go duration as kubelets write it, truncated to milliseconds: 308ms, 2.4s, 1m12.5s."""
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    return (f"{minutes}m" if minutes else "") + f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"


@dataclass(frozen=True)
class ApiObject:
    """An object that events are about. made: its creation time, which determines its resourceVersion."""

    kind: str
    name: str
    namespace: str | None
    api_version: str | None = "v1"
    uid: str = ""
    made: float | None = None
    field_path: str | None = None

    def reference(self) -> dict[str, str]:
        """The involvedObject. That of a node has no namespace and no resourceVersion."""
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
    """The cluster's resourceVersion at a time. It grows with every write."""
    return 4_812_000 + round(seconds * 11)


class Cluster:
    """The events of a cluster."""

    def __init__(self) -> None:
        self._events: list[tuple[int, dict[str, object]]] = []

    def classic(
        self,
        api_object: ApiObject,
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
        """Add an event of client-go's record.EventRecorder, with count and timestamps in seconds."""
        started = nanoseconds(first, api_object, reason, message)
        written = started if last is None else nanoseconds(last, api_object, reason, message)
        event = self._event(api_object, reason, message, started, type)
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
        api_object: ApiObject,
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
        """Add an event of client-go's tools/events, with eventTime, and a series if it repeats."""
        started = nanoseconds(first, api_object, reason, note)
        written = started if last is None else nanoseconds(last, api_object, reason, note)
        event = self._event(api_object, reason, note, started, type)
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

    def _event(self, api_object: ApiObject, reason: str, message: str, started: int, type: str) -> dict[str, object]:
        namespace = api_object.namespace or "default"  # the namespace of events of cluster-scoped objects
        name = f"{api_object.name}.{started:x}"
        metadata = {
            "creationTimestamp": stamp(started),
            "name": name,
            "namespace": namespace,
            "uid": uid("Event", name),
        }
        event: dict[str, object] = {
            "apiVersion": "v1",
            "involvedObject": api_object.reference(),
            "kind": "Event",
            "metadata": metadata,
            "reason": reason,
            "type": type,
        }
        return event | ({"message": message} if message else {})  # omitempty

    def listing(self) -> str:
        """The output of `kubectl get events -A -o json`: in etcd's order, sorted keys, indent 4, HTML escapes."""
        version = 0
        for written, event in sorted(self._events, key=lambda pair: pair[0]):
            version = max(version + 1, version_at(written / 1e9 - MIDNIGHT.timestamp()))
            event["metadata"] |= {"resourceVersion": str(version)}  # type: ignore[operator]
        items = [event for _, event in self._events]
        items.sort(key=lambda event: (event["metadata"]["namespace"], event["metadata"]["name"]))  # type: ignore[index]
        document = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
        text = json.dumps(document, indent=4, sort_keys=True, ensure_ascii=False)
        for character in "<>&":  # as Go's encoding/json does; they only occur inside strings
            text = text.replace(character, f"\\u{ord(character):04x}")
        return text + "\n"


def nanoseconds(seconds: float, api_object: ApiObject, reason: str, message: str) -> int:
    """A time as Go's UnixNano. The digits below a millisecond are derived from the event."""
    whole = int(MIDNIGHT.timestamp()) * 1000 + round(seconds * 1000)
    return whole * 1_000_000 + digest(api_object.namespace, api_object.name, reason, message, seconds) % 1_000_000


def stamp(nanos: int, *, micro: bool = False) -> str:
    """metav1.Time (seconds) or metav1.MicroTime as JSON."""
    moment = datetime.fromtimestamp(nanos // 1_000_000_000, UTC) + timedelta(microseconds=nanos // 1000 % 1_000_000)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}" if micro else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def container(pod: ApiObject, name: str) -> ApiObject:
    """The pod with the field path of a container."""
    return replace(pod, field_path=f"spec.containers{{{name}}}")
