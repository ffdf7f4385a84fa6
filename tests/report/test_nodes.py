"""Episodes of nodes, by hand."""

from __future__ import annotations

from typing import Any

from tests.observations import at, observation
from tests.report.conftest import Ask


def turn(clock: str, reason: str, node: str = "node-a", **columns: Any) -> dict[str, Any]:
    usual = {
        "kind": "Node",
        "namespace": "default",
        "object_namespace": None,
        "source_host": node,
        "name": node,
    }
    message = f"Node {node} status is now: {reason}"
    return observation(
        at(clock),
        **(
            {
                "reason": reason,
                "message": message,
                "clock_ns": int(clock.replace(":", "")),
            }
            | usual
            | columns
        ),
    )


def brief(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["node"], row["condition"], row["state"], row["lasted"]) for row in rows]


def test_an_episode_lasts_until_the_node_recovers(report: Ask):
    rows = [
        turn("09:00", "NodeNotReady", source_component="node-controller"),
        turn("09:04:30", "NodeReady"),
        turn("09:10", "NodeHasDiskPressure"),
        turn("09:11", "NodeHasInsufficientMemory"),
        turn("09:12", "NodeHasSufficientMemory"),
        turn("09:13", "NodeHasInsufficientPID", "node-b"),
        turn("09:14", "NodeHasSufficientPID"),  # of another node
    ]
    assert brief(report("nodes", rows)) == [
        ("node-a", "not ready", "recovered", 270),
        ("node-a", "disk pressure", "open", None),
        ("node-a", "memory pressure", "recovered", 60),
        ("node-b", "PID pressure", "open", None),
    ]


def test_a_reboot_while_the_node_is_not_ready_is_the_same_incident(report: Ask):
    rows = [
        turn("09:00", "NodeNotReady"),
        turn("09:18", "Rebooted"),
        turn("09:19", "NodeReady"),
        turn("09:19:30", "NodeNotReady", clock_ns=8),
        turn("09:25", "NodeReady", clock_ns=9),
        turn("09:10", "NodeNotReady", "node-b", clock_ns=10),
    ]
    answered = report("nodes", rows)
    assert [(row["node"], row["condition"], row["incident"]) for row in answered] == [
        ("node-a", "not ready", "1"),
        ("node-b", "not ready", "2"),
        ("node-a", "rebooted", "1"),
        ("node-a", "not ready", "3"),
    ]


def test_a_zone_that_fails_is_one_incident(report: Ask):
    rows = [
        *(turn(f"09:00:{n}0", "NodeNotReady", f"node-{n}") for n in range(5)),
        *(turn(f"09:05:{n}0", "NodeReady", f"node-{n}") for n in range(5)),
        turn("09:30", "NodeNotReady", "node-1", clock_ns=7),
    ]
    incidents = [row["incident"] for row in report("nodes", rows)]
    assert incidents == [*["1: 5 nodes within 40s"] * 5, "2"]


def test_the_outage_of_a_zone_is_a_row_by_incident(report: Ask):
    rows = [
        *(turn(f"09:00:{n}0", "NodeNotReady", f"node-{n}") for n in range(5)),
        *(turn(f"09:05:{n}0", "NodeReady", f"node-{n}") for n in range(5)),
        turn("09:30", "NodeNotReady", "node-1", clock_ns=7),
        turn("09:30:05", "NodeNotReady", "node-2", clock_ns=7),
        turn("09:40", "NodeReady", "node-2", clock_ns=8),
        turn("10:00", "NodeHasDiskPressure", "node-4"),
    ]
    found = report("nodes", rows, by="incident")
    told = [(row["incident"], row["condition"], row["state"], row["lasted"], row["times"]) for row in found]
    assert told == [
        # from the first that failed to the last that recovered
        ("5 nodes within 40s: node-0, node-1, node-2, …", "not ready", "recovered", 340, 5),
        ("2 nodes within 5s: node-1, node-2", "not ready", "1 of 2 open", None, 2),
        ("node-4", "disk pressure", "open", None, 1),
    ]


def test_repeats_that_only_a_count_tells_are_one_row_and_their_ends_unknown(
    report: Ask,
):
    # twelve times not ready since yesterday; ready again for the last time at 09:31
    rows = [
        turn("09:30", "NodeNotReady", first_seen=at("21:00", 19), count=12),
        turn("09:31", "NodeReady", first_seen=at("21:01", 19), count=12),
        turn("08:00", "NodeNotReady", "node-b"),
        turn("09:00", "NodeNotReady", "node-b", clock_ns=8),
    ]
    answer = report("nodes", rows)
    assert brief(answer) == [
        ("node-b", "not ready", "unknown", None),
        ("node-b", "not ready", "open", None),
        ("node-a", "not ready", "recovered", 60),
    ]
    assert [row["times"] for row in answer] == [1, 1, 12]


def test_a_reboot_a_cordon_and_the_end_of_a_node(report: Ask):
    rows = [
        turn("09:00", "Starting", message="Starting kubelet."),  # the first is how a node begins
        turn("09:10", "NodeNotSchedulable"),
        turn("09:20", "Rebooted", message="Node node-a has been rebooted, boot id: 1"),
        turn("09:20:05", "Starting", message="Starting kubelet."),
        turn("09:21", "NodeReady"),
        turn("09:30", "NodeSchedulable"),
        turn("09:40", "NodeNotReady"),
        turn("09:41", "DeletingNode", source_component="cloud-node-lifecycle-controller"),
        turn("09:41:30", "RemovingNode", source_component="node-controller"),
    ]
    assert brief(report("nodes", rows)) == [
        ("node-a", "cordoned", "recovered", 1200),
        ("node-a", "rebooted", "recovered", 60),
        ("node-a", "kubelet restarted", None, None),
        ("node-a", "not ready", "removed", 90),
        ("node-a", "removed", None, None),
    ]


def test_a_node_that_is_deleted_and_removed_in_one_second_is_one_row(report: Ask):
    rows = [
        turn("09:41:30", "RemovingNode", source_component="node-controller", clock_ns=1),
        turn("09:41:30", "DeletingNode", source_component="cloud-node-lifecycle-controller", clock_ns=2),
    ]
    for order in (rows, rows[::-1]):
        (row,) = report("nodes", order)
        assert (row["condition"], row["reason"]) == ("removed", "DeletingNode")


def test_what_pods_and_other_clusters_say_is_apart(report: Ask):
    rows = [
        turn("09:00", "NodeNotReady", cluster="east"),
        turn("09:01", "NodeReady", cluster="west"),
        observation(at("09:00"), reason="NodeNotReady", message="Node is not ready"),
    ]
    assert brief(report("nodes", rows)) == [("node-a", "not ready", "open", None)]
