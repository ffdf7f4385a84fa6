"""Periods of node conditions and their incidents, with results determined by hand."""

from __future__ import annotations

from typing import Any

from tests.observations import at, observation
from tests.report.conftest import RunReport


def node_event(clock: str, reason: str, node: str = "node-a", **columns: Any) -> dict[str, Any]:
    defaults = {
        "reason": reason,
        "message": f"Node {node} status is now: {reason}",
        "clock_ns": int(clock.replace(":", "")),
        "kind": "Node",
        "namespace": "default",
        "object_namespace": None,
        "source_host": node,
        "name": node,
    }
    return observation(at(clock), **(defaults | columns))


def periods(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["node"], row["condition"], row["state"], row["lasted"]) for row in rows]


def test_a_period_lasts_until_the_node_recovers(report: RunReport):
    rows = [
        node_event("09:00", "NodeNotReady", source_component="node-controller"),
        node_event("09:04:30", "NodeReady"),
        node_event("09:10", "NodeHasDiskPressure"),
        node_event("09:11", "NodeHasInsufficientMemory"),
        node_event("09:12", "NodeHasSufficientMemory"),
        node_event("09:13", "NodeHasInsufficientPID", "node-b"),
        node_event("09:14", "NodeHasSufficientPID"),  # of another node
    ]
    assert periods(report("nodes", rows)) == [
        ("node-a", "not ready", "recovered", 270),
        ("node-a", "disk pressure", "open", None),
        ("node-a", "memory pressure", "recovered", 60),
        ("node-b", "PID pressure", "open", None),
    ]


def test_a_reboot_while_the_node_is_not_ready_is_the_same_incident(report: RunReport):
    rows = [
        node_event("09:00", "NodeNotReady"),
        node_event("09:18", "Rebooted"),
        node_event("09:19", "NodeReady"),
        node_event("09:19:30", "NodeNotReady", clock_ns=8),
        node_event("09:25", "NodeReady", clock_ns=9),
        node_event("09:10", "NodeNotReady", "node-b", clock_ns=10),
    ]
    answered = report("nodes", rows)
    assert [(row["node"], row["condition"], row["incident"]) for row in answered] == [
        ("node-a", "not ready", "1"),
        ("node-b", "not ready", "2"),
        ("node-a", "rebooted", "1"),
        ("node-a", "not ready", "3"),
    ]


def test_a_zone_outage_is_one_incident(report: RunReport):
    rows = [
        *(node_event(f"09:00:{n}0", "NodeNotReady", f"node-{n}") for n in range(5)),
        *(node_event(f"09:05:{n}0", "NodeReady", f"node-{n}") for n in range(5)),
        node_event("09:30", "NodeNotReady", "node-1", clock_ns=7),
    ]
    incidents = [row["incident"] for row in report("nodes", rows)]
    assert incidents == [*["1: 5 nodes within 40s"] * 5, "2"]


def test_a_zone_outage_is_one_row_with_by_incident(report: RunReport):
    rows = [
        *(node_event(f"09:00:{n}0", "NodeNotReady", f"node-{n}") for n in range(5)),
        *(node_event(f"09:05:{n}0", "NodeReady", f"node-{n}") for n in range(5)),
        node_event("09:30", "NodeNotReady", "node-1", clock_ns=7),
        node_event("09:30:05", "NodeNotReady", "node-2", clock_ns=7),
        node_event("09:40", "NodeReady", "node-2", clock_ns=8),
        node_event("10:00", "NodeHasDiskPressure", "node-4"),
    ]
    incidents = [
        (row["incident"], row["condition"], row["state"], row["lasted"], row["times"])
        for row in report("nodes", rows, by="incident")
    ]
    assert incidents == [
        # from the first failure to the last recovery
        ("5 nodes within 40s: node-0, node-1, node-2, …", "not ready", "recovered", 340, 5),
        ("2 nodes within 5s: node-1, node-2", "not ready", "1 of 2 open", None, 2),
        ("node-4", "disk pressure", "open", None, 1),
    ]


def test_periods_known_only_by_a_count_are_one_row(report: RunReport):
    # not ready twelve times since yesterday; ready again for the last time at 09:31
    rows = [
        node_event("09:30", "NodeNotReady", first_seen=at("21:00", 19), count=12),
        node_event("09:31", "NodeReady", first_seen=at("21:01", 19), count=12),
        node_event("08:00", "NodeNotReady", "node-b"),
        node_event("09:00", "NodeNotReady", "node-b", clock_ns=8),
    ]
    answer = report("nodes", rows)
    assert periods(answer) == [
        ("node-b", "not ready", "unknown", None),
        ("node-b", "not ready", "open", None),
        ("node-a", "not ready", "recovered", 60),
    ]
    assert [row["times"] for row in answer] == [1, 1, 12]


def test_a_reboot_a_cordon_and_the_removal_of_a_node(report: RunReport):
    rows = [
        node_event("09:00", "Starting", message="Starting kubelet."),  # the first start is not a restart
        node_event("09:10", "NodeNotSchedulable"),
        node_event("09:20", "Rebooted", message="Node node-a has been rebooted, boot id: 1"),
        node_event("09:20:05", "Starting", message="Starting kubelet."),
        node_event("09:21", "NodeReady"),
        node_event("09:30", "NodeSchedulable"),
        node_event("09:40", "NodeNotReady"),
        node_event("09:41", "DeletingNode", source_component="cloud-node-lifecycle-controller"),
        node_event("09:41:30", "RemovingNode", source_component="node-controller"),
    ]
    assert periods(report("nodes", rows)) == [
        ("node-a", "cordoned", "recovered", 1200),
        ("node-a", "rebooted", "recovered", 60),
        ("node-a", "kubelet restarted", None, None),
        ("node-a", "not ready", "removed", 90),
        ("node-a", "removed", None, None),
    ]


def test_a_node_that_is_deleted_and_removed_in_one_second_is_one_row(report: RunReport):
    rows = [
        node_event("09:41:30", "RemovingNode", source_component="node-controller", clock_ns=1),
        node_event("09:41:30", "DeletingNode", source_component="cloud-node-lifecycle-controller", clock_ns=2),
    ]
    for order in (rows, rows[::-1]):
        (row,) = report("nodes", order)
        assert (row["condition"], row["reason"]) == ("removed", "DeletingNode")


def test_events_of_pods_and_other_clusters_are_separate(report: RunReport):
    rows = [
        node_event("09:00", "NodeNotReady", cluster="east"),
        node_event("09:01", "NodeReady", cluster="west"),
        observation(at("09:00"), reason="NodeNotReady", message="Node is not ready"),
    ]
    assert periods(report("nodes", rows)) == [("node-a", "not ready", "open", None)]
