"""Sample events of a container and of its node, for the tests of restarts."""

from __future__ import annotations

from typing import Any

from tests.observations import at, observation

LOOP = "Back-off restarting failed container app in pod web-1_shop(8d01e70a-01d2-4ab2-ba6c-fdac8388aa98)"
OOM = "Memory cgroup out of memory: Killed process 4711 (java) total-vm:9kB, anon-rss:8kB, file-rss:0kB"
_REASONS = ("Started", "Created", "BackOff", "Killing", "Failed", "Unhealthy")


def container_event(
    clock: str, reason: str, message: str = "Container started", count: int = 1, **columns: Any
) -> dict[str, Any]:
    """An event of container app in pod web-1. since: when a repeated event was first seen."""
    since = columns.pop("since", clock)
    defaults = {
        "field_path": "spec.containers{app}",
        "object_uid": "uid-1",
        "reason": reason,
        "message": message,
        "count": count,
        "first_seen": at(since),
        "clock_ns": _REASONS.index(reason) + 1 if reason in _REASONS else 9,
    }
    return observation(at(clock), **(defaults | columns))


def node_event(clock: str, reason: str, message: str, **columns: Any) -> dict[str, Any]:
    """An event of the node that runs web-1."""
    defaults = {"kind": "Node", "name": "node-a", "namespace": "default", "object_namespace": None}
    return observation(at(clock), reason=reason, message=message, **(defaults | columns))


def causes(rows: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """The cause and message of each row."""
    return [(row["cause"], row["message"]) for row in rows]
