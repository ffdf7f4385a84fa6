"""Restarts of containers: how many, why, and whether they are ongoing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.observations import at, observation
from tests.report.conftest import RunReport
from tests.report.dumps import answer
from tests.report.pod_events import LOOP, causes, container_event, node_event

KILL = "Container app failed liveness probe, will be restarted"


def test_a_crash_loop_is_one_row_with_restarts_and_back_offs(report: RunReport):
    rows = [
        container_event("11:58", "Started", count=9, since="11:30"),
        container_event("11:59:06", "BackOff", LOOP, count=41, since="11:30:06"),
    ]
    (row,) = report("restarts", rows)
    assert (row["object"], row["container"], row["state"]) == ("Pod/web-1", "app", "crash loop")
    assert (row["restarts"], row["back_offs"], row["oom_kills"]) == (8, 41, 0)  # the first start is not a restart
    assert (row["first_seen"], row["last_seen"]) == (at("11:30:06"), at("11:59:06"))
    assert (row["severity"], row["cause"], row["message"]) == ("error", "exits", "exited on its own 6s after start")


def test_a_start_after_an_earlier_event_is_a_restart(report: RunReport):
    # the kubelet's first event expired, so the count of the next one starts at 1
    (row,) = report(
        "restarts",
        [
            container_event("11:30", "BackOff", LOOP),
            container_event("11:31", "Started"),
            container_event("11:32", "Created"),
        ],
    )
    assert row["restarts"] == 1


def test_updates_of_one_event_are_counted_once(report: RunReport):
    rows = [
        container_event(f"11:{10 + n}", "Started", count=n + 1, since="11:10", resource_version=n) for n in range(6)
    ]
    (row,) = report("restarts", rows)
    assert row["restarts"] == 5


def test_only_restarts_in_the_window_count(report: RunReport):
    # a start every minute from 10:00 to 11:00; the first one is not in the window
    rows = [container_event("11:00", "Started", count=61, since="10:00")]
    (row,) = report("restarts", rows, since=at("10:10"), until=at("10:20"))
    assert (row["restarts"], row["first_seen"], row["last_seen"]) == (10, at("10:10"), at("10:19"))


def test_a_container_that_started_once_is_not_shown(report: RunReport):
    rows = [
        container_event("11:00", "Started"),
        container_event("10:59", "Created"),
        container_event("11:30", "Killing", "Stopping container app"),
    ]
    assert report("restarts", rows) == []


def test_a_recreated_pod_of_the_same_name_is_not_a_restart(report: RunReport):
    incarnations = [container_event(f"11:{n}0", "Started", object_uid=f"uid-{n}", clock_ns=n) for n in range(3)]
    assert report("restarts", incarnations) == []
    restarted = [*incarnations, container_event("11:25", "Started", object_uid="uid-2", clock_ns=7)]
    assert [row["restarts"] for row in report("restarts", restarted)] == [1]


def test_the_number_of_restarts_is_unknown_without_a_start_event(report: RunReport):
    (row,) = report("restarts", [container_event("11:59", "BackOff", LOOP, count=318, since="09:00")])
    assert (row["restarts"], row["back_offs"], row["cause"], row["message"]) == (None, 318, "exits", None)


def test_a_back_off_before_the_first_known_start_has_no_run_time(report: RunReport):
    rows = [
        container_event("11:00", "Created", "Created container app"),
        container_event("11:05", "BackOff", LOOP),
        container_event("11:10", "Started"),
    ]
    assert causes(report("restarts", rows)) == [("exits", None)]


def test_waiting_for_an_image_is_not_a_restart(report: RunReport):
    rows = [
        container_event("11:59", "BackOff", 'Back-off pulling image "nginx:nope"', count=88, since="11:00"),
        container_event("11:58", "Failed", "Error: ErrImagePull"),
    ]
    assert report("restarts", rows) == []


def test_a_failed_probe_is_the_cause_with_the_message_of_the_probe(report: RunReport):
    rows = [
        container_event("11:40", "Started"),
        container_event(
            "11:59",
            "Unhealthy",
            "Liveness probe failed: HTTP probe failed with statuscode: 500",
            count=6,
            since="11:50",
        ),
        container_event("11:59", "Unhealthy", "Readiness probe failed: no", clock_ns=77),
        container_event("11:58", "Killing", KILL, count=2, since="11:51"),
    ]
    (row,) = report("restarts", rows)
    assert (row["state"], row["probe_kills"], row["severity"]) == ("restarting", 2, "error")
    assert causes([row]) == [("liveness probe", "Liveness probe failed: HTTP probe failed with statuscode: 500")]


def test_messages_of_old_kubelets_are_understood(report: RunReport):
    rows = [
        container_event(
            "11:58",
            "Killing",
            "Container with id docker://app failed liveness probe. Container will be killed and recreated.",
        ),
        observation(
            at("11:59"),
            name="web-2",
            reason="FailedSync",
            message='Error syncing pod, skipping: failed to "StartContainer" for "app" with CrashLoopBackOff: '
            '"Back-off 5m0s restarting failed container=app pod=web-2_shop(1)"',
        ),
    ]
    found = {(row["object"], row["container"], row["cause"]) for row in report("restarts", rows)}
    assert found == {("Pod/web-1", "app", "liveness probe"), ("Pod/web-2", "app", "exits")}


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('Error: failed to start container "app": exec: "wge": executable file not found in $PATH', "cannot start"),
        ('Error: secret "db" not found', "configuration"),
        ("Error: container init was OOM-killed (memory limit too low?)", "out of memory"),
    ],
)
def test_a_container_that_cannot_start_has_a_cause(message: str, cause: str, report: RunReport):
    (row,) = report(
        "restarts",
        [container_event("11:55", "Failed", message), container_event("11:54", "Created", "Created container app")],
    )
    assert (row["state"], row["restarts"], causes([row])) == ("cannot start", 0, [(cause, message)])


def test_an_event_of_the_node_or_pod_before_a_restart_is_the_probable_cause(report: RunReport):
    twice = {"count": 2, "since": "11:00"}
    rows = [
        container_event("11:55", "Started", **twice),
        container_event("11:55", "Started", name="web-2", source_host="node-b", **twice),
        container_event("11:55", "Started", name="web-3", source_host="node-c", **twice),
        node_event("11:54", "Rebooted", "Node node-a has been rebooted, boot id: 1"),
        node_event("11:40", "Rebooted", "Node node-c has been rebooted, boot id: 2", name="node-c"),  # too early
        observation(
            at("11:54"), name="web-2", reason="SandboxChanged", message="Pod sandbox changed, it will be killed"
        ),
    ]
    found = {row["object"]: row["cause"] for row in report("restarts", rows)}
    assert found == {"Pod/web-1": "node rebooted", "Pod/web-2": "sandbox changed", "Pod/web-3": "unknown"}


def test_ongoing_problems_come_before_those_that_are_over_or_gone(report: RunReport):
    def looping(name: str, clock: str) -> dict[str, Any]:
        return container_event(clock, "BackOff", LOOP, count=99, since="08:00", name=name)

    rows = [
        looping("over", "11:40"),
        looping("gone", "11:55"),
        looping("evicted", "11:55"),
        looping("deleted", "11:55"),
        container_event("11:59", "BackOff", LOOP, name="ongoing"),
        container_event("11:56", "Killing", "Stopping container app", name="gone"),
        observation(at("11:56"), name="evicted", reason="Evicted", message="The node was low on resource: memory."),
        observation(at("11:57"), kind="ReplicaSet", reason="SuccessfulDelete", message="Deleted pod: deleted"),
    ]
    answered = report("restarts", rows)
    assert answered[0]["object"] == "Pod/ongoing"
    assert {row["object"].removeprefix("Pod/"): row["state"] for row in answered} == {
        "ongoing": "crash loop",
        "over": "over",
        "gone": "gone",
        "evicted": "evicted",
        "deleted": "gone",
    }


def test_the_state_in_an_imported_cluster_is_as_of_the_end_of_the_dump(report: RunReport):
    # a problem at the end of a dump was ongoing when the dump was made
    rows = [
        container_event("09:00", "BackOff", LOOP, cluster="dumped"),
        container_event("09:00", "BackOff", LOOP),
        container_event("11:59", "Created", name="web-2"),
    ]
    states = {row["cluster"]: row["state"] for row in report("restarts", rows)}
    assert states == {"dumped": "crash loop", "prod": "over"}


def test_restarts_can_be_grouped_by_workload_and_node(report: RunReport):
    def looping(name: str, clock: str = "11:59", container: str = "app") -> dict[str, Any]:
        number = 3 if container == "app" else 7
        path = f"spec.containers{{{container}}}"
        columns = {"name": name, "field_path": path, "object_uid": name, "clock_ns": number}
        return container_event(clock, "BackOff", LOOP, count=10, since="08:00", **columns)

    rows = [
        *(looping(f"web-6b75c97d68-{n}{n}xlt") for n in (2, 4, 5)),
        looping("web-77d446d75f-bcdfg", clock="10:00"),  # of an older ReplicaSet
        looping("web-6b75c97d68-22xlt", container="proxy"),
        *(looping(f"db-{n}") for n in range(2)),
        looping("agent-x7b2k"),
    ]
    workloads = {
        (row["workload"], row["container"]): (row["objects"], row["back_offs"], row["state"])
        for row in report("restarts", rows, by="workload")
    }
    assert workloads == {
        ("web", "app"): (4, 40, "3 of 4 ongoing"),
        ("web", "proxy"): (1, 10, "crash loop"),
        ("db", "app"): (2, 20, "crash loop"),
        ("agent", "app"): (1, 10, "crash loop"),
    }
    (row,) = report("restarts", rows, by="node")
    assert (row["node"], row["objects"], row["container"], row["back_offs"]) == ("node-a", 7, "app, proxy", 80)


# the restartCount in the status of the pods, in the same dumps
COUNTED = {
    "kubernetes-1.36/kubectl-cluster-info-dump.txt": {("Pod/crashy-6b75c97d68-lmt9x", "app"): 8},
    "public/gke-cluster-info-dump.txt": {
        ("Pod/userservice-66cffd7b76-bvgnh", "userservice"): 3,
        ("Pod/balancereader-85cdd97bb-p8vdf", "speedscale-goproxy"): 1,
    },
    "public/k3s-cluster-info-dump.txt": {("Pod/kube-vip-rv7cx", "kube-vip"): 1},
}


@pytest.mark.parametrize("dump", COUNTED)
def test_restarts_match_the_restart_counts_of_the_pods(dump: str, shared: Path, tmp_path: Path):
    restarts = {
        (row["object"], row["container"]): row["restarts"]
        for row in answer(shared / "dumps" / dump, tmp_path, "restarts")
    }
    assert {container: restarts.get(container) for container in COUNTED[dump]} == COUNTED[dump]
