"""OOM kills in the restarts report: the containers that they are matched to."""

from __future__ import annotations

from pathlib import Path

from tests.report.conftest import RunReport
from tests.report.dumps import answer
from tests.report.pod_events import OOM, causes, container_event, node_event


def test_an_oom_kill_is_matched_to_a_container_by_its_process_name(report: RunReport):
    rows = [
        container_event("11:00", "Started", name="java-1", clock_ns=1),
        container_event("11:50:02", "Started", name="java-1", clock_ns=2),
        node_event("11:50", "OOMKilling", OOM),
    ]
    (row,) = report("restarts", rows)
    assert (row["object"], row["restarts"], row["oom_kills"]) == ("Pod/java-1", 1, 1)
    assert causes([row]) == [("out of memory", OOM)]


def test_an_oom_kill_that_names_a_pod_uid_is_matched_only_to_that_pod(report: RunReport):
    uid = "62c729fc-6804-4fc8-a9e5-0cd981f491b8"
    named = f"{OOM} task_memcg=/kubepods.slice/kubepods-pod{uid.replace('-', '_')}.slice/x"
    rows = [
        container_event("11:50:02", "Started", count=2, since="11:00", name="java-1", clock_ns=1),
        container_event("11:50:02", "Started", count=2, since="11:00", name="web-1", object_uid=uid),
        node_event("11:50", "OOMKilling", named),
    ]
    found = {row["object"]: row["oom_kills"] for row in report("restarts", rows)}
    assert found == {"Pod/web-1": 1, "Pod/java-1": 0}


def test_oom_kills_of_nodes_are_shown_with_a_namespace_filter(report: RunReport):
    # events of nodes are in namespace default
    rows = [
        container_event("11:50:02", "Started", count=2, since="11:00", name="java-1"),
        node_event("11:50", "OOMKilling", OOM),
    ]
    rows += [node_event("11:40", "OOMKilling", OOM.replace("java", "other"), clock_ns=5)]
    (row,) = report("restarts", rows, namespaces=("shop",))
    assert (row["object"], row["oom_kills"], row["cause"]) == ("Pod/java-1", 1, "out of memory")


def test_an_oom_kill_that_matches_no_container_is_shown_for_the_node(report: RunReport):
    rows = [node_event("11:55", "SystemOOM", "System OOM encountered, victim process: backup, pid: 77", count=1)]
    (row,) = report("restarts", rows)
    assert (row["object"], row["container"], row["state"]) == ("Node/node-a", None, "ongoing")
    assert (row["severity"], row["oom_kills"], row["restarts"]) == ("critical", 1, None)


def test_the_oom_killed_container_of_a_real_dump_is_found(shared: Path, tmp_path: Path):
    # the pod's status has exit code 137 in the same second
    rows = answer(shared / "dumps" / "public" / "gke-cluster-info-dump.txt", tmp_path, "restarts")
    (row,) = (row for row in rows if row["oom_kills"])
    assert (row["object"], row["container"]) == ("Pod/balancereader-85cdd97bb-p8vdf", "speedscale-goproxy")
    assert row["first_seen"] == "2022-08-03T15:15:54Z"
