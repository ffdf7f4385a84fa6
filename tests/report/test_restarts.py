"""Restarts of containers: how many, why, and whether it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.observations import at, observation
from tests.report.conftest import RunReport
from tests.report.dumps import answer

LOOP = "Back-off restarting failed container app in pod web-1_shop(8d01e70a-01d2-4ab2-ba6c-fdac8388aa98)"
KILL = "Container app failed liveness probe, will be restarted"
OOM = "Memory cgroup out of memory: Killed process 4711 (java) total-vm:9kB, anon-rss:8kB, file-rss:0kB"
REASONS = ("Started", "Created", "BackOff", "Killing", "Failed", "Unhealthy")


def said(clock: str, reason: str, message: str = "Container started", count: int = 1, **columns: Any) -> dict[str, Any]:
    """An event of container app of pod web-1, once or count times since another time."""
    usual = {"field_path": "spec.containers{app}", "object_uid": "life-1"}
    since = columns.pop("since", clock)
    number = REASONS.index(reason) + 1 if reason in REASONS else 9
    told = {"reason": reason, "message": message, "count": count, "first_seen": at(since), "clock_ns": number}
    return observation(at(clock), **(told | usual | columns))


def on_node(clock: str, reason: str, message: str, **columns: Any) -> dict[str, Any]:
    """An event of the node that runs web-1."""
    whose = {"kind": "Node", "name": "node-a", "namespace": "default", "object_namespace": None}
    return observation(at(clock), reason=reason, message=message, **(whose | columns))


def why(rows: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(row["cause"], row["message"]) for row in rows]


def test_a_crash_loop_is_a_row_with_its_restarts_and_back_offs(report: RunReport):
    rows = [
        said("11:58", "Started", count=9, since="11:30"),
        said("11:59:06", "BackOff", LOOP, count=41, since="11:30:06"),
    ]
    (row,) = report("restarts", rows)
    assert (row["object"], row["container"], row["state"]) == ("Pod/web-1", "app", "crash loop")
    assert (row["restarts"], row["back_offs"], row["oom_kills"]) == (8, 41, 0)  # the first start is none
    assert (row["first_seen"], row["last_seen"]) == (at("11:30:06"), at("11:59:06"))
    assert (row["severity"], row["cause"], row["message"]) == ("error", "exits", "within 6s of its start")


def test_a_start_that_something_came_before_is_a_restart(report: RunReport):
    # since the kubelet's first event expired, its second life of the event begins with count 1
    (row,) = report("restarts", [said("11:30", "BackOff", LOOP), said("11:31", "Started"), said("11:32", "Created")])
    assert row["restarts"] == 1


def test_updates_of_one_event_are_counted_once(report: RunReport):
    rows = [said(f"11:{10 + n}", "Started", count=n + 1, since="11:10", resource_version=n) for n in range(6)]
    (row,) = report("restarts", rows)
    assert row["restarts"] == 5


def test_a_window_counts_the_restarts_in_it(report: RunReport):
    # a start every minute from 10:00 to 11:00; none of those in the window is the first
    rows = [said("11:00", "Started", count=61, since="10:00")]
    (row,) = report("restarts", rows, since=at("10:10"), until=at("10:20"))
    assert (row["restarts"], row["first_seen"], row["last_seen"]) == (10, at("10:10"), at("10:19"))


def test_a_container_that_started_once_is_no_row(report: RunReport):
    rows = [said("11:00", "Started"), said("10:59", "Created"), said("11:30", "Killing", "Stopping container app")]
    assert report("restarts", rows) == []


def test_pods_of_one_name_are_lives_and_no_restarts(report: RunReport):
    lives = [said(f"11:{n}0", "Started", object_uid=f"life-{n}", clock_ns=n) for n in range(3)]
    assert report("restarts", lives) == []
    again = [*lives, said("11:25", "Started", object_uid="life-2", clock_ns=7)]
    assert [row["restarts"] for row in report("restarts", again)] == [1]


def test_how_often_it_restarted_is_unknown_where_no_start_was_told(report: RunReport):
    (row,) = report("restarts", [said("11:59", "BackOff", LOOP, count=318, since="09:00")])
    assert (row["restarts"], row["back_offs"], row["cause"], row["message"]) == (None, 318, "exits", None)


def test_waiting_for_an_image_is_no_restart(report: RunReport):
    rows = [
        said("11:59", "BackOff", 'Back-off pulling image "nginx:nope"', count=88, since="11:00"),
        said("11:58", "Failed", "Error: ErrImagePull"),
    ]
    assert report("restarts", rows) == []


def test_a_probe_that_kills_is_the_cause_in_the_words_of_the_probe(report: RunReport):
    rows = [
        said("11:40", "Started"),
        said(
            "11:59",
            "Unhealthy",
            "Liveness probe failed: HTTP probe failed with statuscode: 500",
            count=6,
            since="11:50",
        ),
        said("11:59", "Unhealthy", "Readiness probe failed: no", clock_ns=77),
        said("11:58", "Killing", KILL, count=2, since="11:51"),
    ]
    (row,) = report("restarts", rows)
    assert (row["state"], row["probe_kills"], row["severity"]) == ("restarting", 2, "error")
    assert why([row]) == [("liveness probe", "Liveness probe failed: HTTP probe failed with statuscode: 500")]


def test_what_old_kubelets_wrote_is_understood(report: RunReport):
    rows = [
        said(
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
def test_a_container_that_cannot_start_says_why(message: str, cause: str, report: RunReport):
    (row,) = report("restarts", [said("11:55", "Failed", message), said("11:54", "Created", "Created container app")])
    assert (row["state"], row["restarts"], why([row])) == ("cannot start", 0, [(cause, message)])


def test_an_oom_kill_belongs_to_the_container_that_its_process_is_of(report: RunReport):
    rows = [
        said("11:00", "Started", name="java-1", clock_ns=1),
        said("11:50:02", "Started", name="java-1", clock_ns=2),
        on_node("11:50", "OOMKilling", OOM),
    ]
    (row,) = report("restarts", rows)
    assert (row["object"], row["restarts"], row["oom_kills"]) == ("Pod/java-1", 1, 1)
    assert why([row]) == [("out of memory", OOM)]


def test_an_oom_kill_that_names_the_pod_belongs_to_no_other(report: RunReport):
    uid = "62c729fc-6804-4fc8-a9e5-0cd981f491b8"
    named = f"{OOM} task_memcg=/kubepods.slice/kubepods-pod{uid.replace('-', '_')}.slice/x"
    rows = [
        said("11:50:02", "Started", count=2, since="11:00", name="java-1", clock_ns=1),
        said("11:50:02", "Started", count=2, since="11:00", name="web-1", object_uid=uid),
        on_node("11:50", "OOMKilling", named),
    ]
    found = {row["object"]: row["oom_kills"] for row in report("restarts", rows)}
    assert found == {"Pod/web-1": 1, "Pod/java-1": 0}


def test_a_namespace_is_told_of_what_befell_its_nodes(report: RunReport):
    # events of nodes live in namespace default
    rows = [said("11:50:02", "Started", count=2, since="11:00", name="java-1"), on_node("11:50", "OOMKilling", OOM)]
    rows += [on_node("11:40", "OOMKilling", OOM.replace("java", "other"), clock_ns=5)]
    (row,) = report("restarts", rows, namespaces=("shop",))
    assert (row["object"], row["oom_kills"], row["cause"]) == ("Pod/java-1", 1, "out of memory")


def test_an_oom_kill_of_no_container_that_is_known_is_the_nodes(report: RunReport):
    rows = [on_node("11:55", "SystemOOM", "System OOM encountered, victim process: backup, pid: 77", count=1)]
    (row,) = report("restarts", rows)
    assert (row["object"], row["container"], row["state"]) == ("Node/node-a", None, "goes on")
    assert (row["severity"], row["oom_kills"], row["restarts"]) == ("critical", 1, None)


def test_what_befell_the_node_or_the_pod_before_a_restart_is_the_probable_cause(report: RunReport):
    twice = {"count": 2, "since": "11:00"}
    rows = [
        said("11:55", "Started", **twice),
        said("11:55", "Started", name="web-2", source_host="node-b", **twice),
        said("11:55", "Started", name="web-3", source_host="node-c", **twice),
        on_node("11:54", "Rebooted", "Node node-a has been rebooted, boot id: 1"),
        on_node("11:40", "Rebooted", "Node node-c has been rebooted, boot id: 2", name="node-c"),  # too long before
        observation(
            at("11:54"), name="web-2", reason="SandboxChanged", message="Pod sandbox changed, it will be killed"
        ),
    ]
    found = {row["object"]: row["cause"] for row in report("restarts", rows)}
    assert found == {"Pod/web-1": "node rebooted", "Pod/web-2": "sandbox changed", "Pod/web-3": "unknown"}


def test_what_goes_on_stands_before_what_is_over_and_gone(report: RunReport):
    def looping(name: str, clock: str) -> dict[str, Any]:
        return said(clock, "BackOff", LOOP, count=99, since="08:00", name=name)

    rows = [
        looping("over", "11:40"),
        looping("gone", "11:55"),
        looping("evicted", "11:55"),
        looping("deleted", "11:55"),
        said("11:59", "BackOff", LOOP, name="goes-on"),
        said("11:56", "Killing", "Stopping container app", name="gone"),
        observation(at("11:56"), name="evicted", reason="Evicted", message="The node was low on resource: memory."),
        observation(at("11:57"), kind="ReplicaSet", reason="SuccessfulDelete", message="Deleted pod: deleted"),
    ]
    answered = report("restarts", rows)
    assert answered[0]["object"] == "Pod/goes-on"
    assert {row["object"].removeprefix("Pod/"): row["state"] for row in answered} == {
        "goes-on": "crash loop",
        "over": "over",
        "gone": "gone",
        "evicted": "evicted",
        "deleted": "gone",
    }


def test_a_cluster_of_which_a_dump_tells_is_judged_by_its_end(report: RunReport):
    # what was the last thing to happen in it went on when the dump was made
    rows = [
        said("09:00", "BackOff", LOOP, cluster="dumped"),
        said("09:00", "BackOff", LOOP),
        said("11:59", "Created", name="web-2"),
    ]
    states = {row["cluster"]: row["state"] for row in report("restarts", rows)}
    assert states == {"dumped": "crash loop", "prod": "over"}


def test_the_pods_of_a_workload_can_be_one_row(report: RunReport):
    def looping(name: str, clock: str = "11:59", container: str = "app") -> dict[str, Any]:
        number = 3 if container == "app" else 7
        path = f"spec.containers{{{container}}}"
        columns = {"name": name, "field_path": path, "object_uid": name, "clock_ns": number}
        return said(clock, "BackOff", LOOP, count=10, since="08:00", **columns)

    rows = [
        *(looping(f"web-6b75c97d68-{n}{n}xlt") for n in (2, 4, 5)),
        looping("web-77d446d75f-bcdfg", clock="10:00"),  # of an older replica set
        looping("web-6b75c97d68-22xlt", container="proxy"),
        *(looping(f"db-{n}") for n in range(2)),
        looping("agent-x7b2k"),
    ]
    found = report("restarts", rows, by="workload")
    told = {(row["workload"], row["container"]): (row["objects"], row["back_offs"], row["state"]) for row in found}
    assert told == {
        ("web", "app"): (4, 40, "3 of 4 going on"),
        ("web", "proxy"): (1, 10, "crash loop"),
        ("db", "app"): (2, 20, "crash loop"),
        ("agent", "app"): (1, 10, "crash loop"),
    }
    (row,) = report("restarts", rows, by="node")
    assert (row["node"], row["objects"], row["container"], row["back_offs"]) == ("node-a", 7, "app, proxy", 80)


# what the pods' own restartCount says in the same dumps
COUNTED = {
    "kubernetes-1.36/kubectl-cluster-info-dump.txt": {("Pod/crashy-6b75c97d68-lmt9x", "app"): 8},
    "public/gke-cluster-info-dump.txt": {
        ("Pod/userservice-66cffd7b76-bvgnh", "userservice"): 3,
        ("Pod/balancereader-85cdd97bb-p8vdf", "speedscale-goproxy"): 1,
    },
    "public/k3s-cluster-info-dump.txt": {("Pod/kube-vip-rv7cx", "kube-vip"): 1},
}


@pytest.mark.parametrize("dump", COUNTED)
def test_restarts_are_those_that_the_cluster_itself_counted(dump: str, shared: Path, tmp_path: Path):
    found = {
        (row["object"], row["container"]): row["restarts"]
        for row in answer(shared / "dumps" / dump, tmp_path, "restarts")
    }
    assert {of: found.get(of) for of in COUNTED[dump]} == COUNTED[dump]


def test_the_process_that_ran_a_node_out_of_memory_is_found_in_a_real_dump(shared: Path, tmp_path: Path):
    # its pod says that it ended with exit code 137 at that very second
    rows = answer(shared / "dumps" / "public" / "gke-cluster-info-dump.txt", tmp_path, "restarts")
    (row,) = (row for row in rows if row["oom_kills"])
    assert (row["object"], row["container"]) == ("Pod/balancereader-85cdd97bb-p8vdf", "speedscale-goproxy")
    assert row["first_seen"] == "2022-08-03T15:15:54Z"
