"""A small incident in 21 events: a release that crashes and is rolled back, and a node outage of two minutes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

OLD, NEW = "web-6b75c97d68", "web-5d567cc74c"
GOOD, BAD = f"{OLD}-grflx", f"{NEW}-ss4lb"
DAY = "2026-11-20"

# first and last time, count, reason, kind, name, message
_EVENTS = [
    ("08:00:00", "08:00:00", 1, "ScalingReplicaSet", "Deployment", "web", f"Scaled up replica set {OLD} to 1"),
    ("08:00:00", "08:00:00", 1, "SuccessfulCreate", "ReplicaSet", OLD, f"Created pod: {GOOD}"),
    ("08:00:01", "08:00:01", 1, "Scheduled", "Pod", GOOD, f"Successfully assigned shop/{GOOD} to node-a"),
    ("08:00:02", "08:00:02", 1, "Pulling", "Pod", GOOD, 'Pulling image "shop/web:1.0"'),
    ("08:00:05", "08:00:05", 1, "Pulled", "Pod", GOOD, 'Successfully pulled image "shop/web:1.0" in 3s'),
    ("08:00:05", "08:00:05", 1, "Created", "Pod", GOOD, "Created container web"),
    ("08:00:06", "08:00:06", 1, "Started", "Pod", GOOD, "Started container web"),
    ("09:00:00", "09:00:00", 1, "ScalingReplicaSet", "Deployment", "web", f"Scaled up replica set {NEW} to 1"),
    ("09:00:00", "09:00:00", 1, "SuccessfulCreate", "ReplicaSet", NEW, f"Created pod: {BAD}"),
    ("09:00:01", "09:00:01", 1, "Scheduled", "Pod", BAD, f"Successfully assigned shop/{BAD} to node-b"),
    ("09:00:02", "09:00:02", 1, "Pulling", "Pod", BAD, 'Pulling image "shop/web:1.1"'),
    ("09:00:04", "09:00:04", 1, "Pulled", "Pod", BAD, 'Successfully pulled image "shop/web:1.1" in 2s'),
    ("09:00:04", "09:20:04", 5, "Created", "Pod", BAD, "Created container web"),
    ("09:00:05", "09:20:05", 5, "Started", "Pod", BAD, "Started container web"),
    ("09:00:10", "09:29:10", 30, "BackOff", "Pod", BAD, "Back-off restarting failed container"),
    ("09:10:00", "09:10:00", 1, "NodeNotReady", "Node", "node-a", "Node node-a status is now: NodeNotReady"),
    ("09:10:00", "09:10:00", 1, "NodeNotReady", "Pod", GOOD, "Node is not ready"),
    ("09:12:00", "09:12:00", 1, "NodeReady", "Node", "node-a", "Node node-a status is now: NodeReady"),
    ("09:30:00", "09:30:00", 1, "ScalingReplicaSet", "Deployment", "web", f"Scaled down replica set {NEW} to 0"),
    ("09:30:00", "09:30:00", 1, "SuccessfulDelete", "ReplicaSet", NEW, f"Deleted pod: {BAD}"),
    ("09:30:01", "09:30:01", 1, "Killing", "Pod", BAD, "Stopping container web"),
]
_SENDERS = {
    "ScalingReplicaSet": "deployment-controller",
    "SuccessfulCreate": "replicaset-controller",
    "SuccessfulDelete": "replicaset-controller",
    "Scheduled": "default-scheduler",
    "NodeNotReady": "node-controller",
}
_UIDS = {GOOD: "00000000-0000-4000-8000-00000000000a", BAD: "00000000-0000-4000-8000-00000000000b"}


def incident() -> str:
    """The events as `kubectl get events -A -o json` prints them."""
    return json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": [_event(n, *event) for n, event in enumerate(_EVENTS)]}
    )


def _event(
    number: int, first: str, last: str, count: int, reason: str, kind: str, name: str, message: str
) -> dict[str, Any]:
    namespace = "default" if kind == "Node" else "shop"
    sender = _SENDERS.get(reason, "kubelet")
    host = {GOOD: "node-a", BAD: "node-b"}.get(name, name) if sender == "kubelet" else None
    started_ns = int(datetime.fromisoformat(f"{DAY}T{first}Z").timestamp()) * 10**9
    container = reason in {"Pulling", "Pulled", "Created", "Started", "BackOff", "Killing"}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{name}.{started_ns + number * 10**6:x}",
            "namespace": namespace,
            "uid": f"00000000-0000-4000-8000-1{number:011}",
        },
        "involvedObject": {
            "kind": kind,
            "name": name,
            **({} if kind == "Node" else {"namespace": namespace}),
            **({"uid": _UIDS[name]} if name in _UIDS else {}),
            **({"fieldPath": "spec.containers{web}"} if container else {}),
        },
        "reason": reason,
        "type": "Warning" if reason in {"BackOff"} or (reason, kind) == ("NodeNotReady", "Pod") else "Normal",
        "message": message,
        "source": {"component": sender, **({"host": host} if host else {})},
        "firstTimestamp": f"{DAY}T{first}Z",
        "lastTimestamp": f"{DAY}T{last}Z",
        "count": count,
    }
