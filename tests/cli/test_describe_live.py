"""`kevents describe` with a live cluster: the same text as kubectl, and the store and the cluster combined."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.screen import Screen, run
from tests.server import Etcd, Server, faults
from tests.server.events import event
from tests.server.fixtures import _no_proxy, etcd, server

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures

POD = "62c729fc-6804-4fc8-a9e5-0cd981f491b8"


@pytest.fixture
def env(server: Server, tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "kubeconfig"
    config.write_text(
        "current-context: prod\n"
        "contexts: [{name: prod, context: {cluster: c, user: ann, namespace: shop}}]\n"
        f"clusters: [{{name: c, cluster: {{server: '{server.url}'}}}}]\n"
        "users: [{name: ann, user: {}}]\n"
    )
    return {"KUBECONFIG": str(config), "KEVENTS_STORE": str(tmp_path / "store"), "HOME": str(tmp_path)}


def put(etcd: Etcd, number: int, namespace: str = "shop", **fields) -> None:
    etcd.put(event(f"web-1.{number:x}", namespace, f"00000000-0000-4000-8000-{number:012}", **fields))


def describe(env: dict[str, str], *flags: str) -> Screen:
    return run("describe", "pod/web-1", *flags, env=env)


def imported(env: dict[str, str], etcd: Etcd, tmp_path: Path, *flags: str) -> None:
    """Import a dump of the cluster's current events."""
    dump = tmp_path / "dump.json"
    _, items = etcd.snapshot()
    dump.write_text(json.dumps({"kind": "List", "items": [{"kind": "Event", **json.loads(item)} for _, item in items]}))
    assert run("import", str(dump), *flags, env=env).status == 0


def test_it_prints_the_same_as_kubectl(env: dict[str, str], etcd: Etcd, server: Server) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    new = {"source": {}, "firstTimestamp": None, "lastTimestamp": None, "count": None}  # as events.k8s.io writes
    new |= {"eventTime": "2026-11-21T00:10:00.000001Z", "reportingComponent": "default-scheduler"}
    put(etcd, 1, reason="Scheduled", type="Normal", message="assigned\n", **new)
    repeated = {"firstTimestamp": "2026-11-21T00:11:00Z", "lastTimestamp": "2026-11-21T00:13:00Z", "count": 3}
    put(etcd, 2, reason="Pulled", type="Normal", message='Container image "a" already present', **repeated)
    put(etcd, 3, reason="Unhealthy", message="中文: probe failed", lastTimestamp="2026-11-21T00:14:00Z",
        firstTimestamp="2026-11-20T00:13:30Z")  # fmt: skip
    put(
        etcd,
        4,
        reason="BackOff",
        count=4524,
        firstTimestamp="2026-11-20T07:00:00Z",
        lastTimestamp="2026-11-21T00:15:00Z",
    )
    server.api.objects["/api/v1/namespaces/shop/pods/web-1"] = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "web-1", "namespace": "shop", "uid": POD},
        "spec": {"containers": [{"name": "app", "image": "a"}]},
        "status": {},
    }
    described = subprocess.run([kubectl, "describe", "pod/web-1"], env=env, capture_output=True, check=True, timeout=30)
    expected = described.stdout.decode().partition("Events:\n")[2]
    assert "BackOff" in expected
    screen = describe(env)
    # kubectl prints the container before the message only since 1.36
    without_container = re.sub(r"  spec[.]\w+{\w+}: ", "  ", screen.out.removeprefix("Events:\n"))
    assert without_container in {expected, re.sub(r"  spec[.]\w+{\w+}: ", "  ", expected)}
    assert screen.err == ""


def test_a_pod_without_events_has_none_as_in_kubectl(env: dict[str, str], etcd: Etcd) -> None:
    put(etcd, 1)
    screen = describe(env, "--reason", "Nothing")
    assert screen.out == "Events:  <none>\n"
    assert screen.status == 0


def test_without_a_store_the_events_are_the_clusters(env: dict[str, str], etcd: Etcd, server: Server) -> None:
    put(etcd, 1)
    assert "BackOff" in describe(env).out
    assert "BackOff" in describe(env, "--history").out
    assert (
        server.requests("list")[0].request.query["fieldSelector"] == "involvedObject.name=web-1,involvedObject.kind=Pod"
    )


def test_the_history_merges_store_and_cluster_without_duplicates(
    env: dict[str, str], etcd: Etcd, tmp_path: Path
) -> None:
    put(etcd, 1, reason="Started", type="Normal")
    put(etcd, 2, count=3)
    imported(env, etcd, tmp_path, "--cluster", "old-name")
    etcd.expire([f"web-1.{1:x}"], "shop")
    put(etcd, 2, count=5, lastTimestamp="2026-11-21T00:20:00Z")
    put(etcd, 3, reason="Killing", lastTimestamp="2026-11-21T00:21:00Z", firstTimestamp="2026-11-21T00:21:00Z")
    rows = json.loads(describe(env, "--history", "-o", "json").out)
    # the label of the dump, because it has one of the cluster's events
    assert [(row["cluster"], row["reason"], row["times"]) for row in rows] == [
        ("old-name", "Started", 1),
        ("old-name", "BackOff", 5),
        ("old-name", "Killing", 1),
    ]
    assert [row["reason"] for row in json.loads(describe(env, "--history", "--offline", "-o", "json").out)] == [
        "Started",
        "BackOff",
    ]


def test_if_the_cluster_has_no_events_left_the_stores_are_shown_with_a_note(
    env: dict[str, str], etcd: Etcd, tmp_path: Path
) -> None:
    put(etcd, 1)
    run("record", "-A", "--once", env=env)
    etcd.expire([f"web-1.{1:x}"], "shop")
    screen = describe(env)
    assert "BackOff" in screen.out
    assert "Cluster prod has no events of it now; showing those of the store." in screen.err


@pytest.mark.parametrize("flags", [(), ("--history",), ("--history", "--family")])
def test_an_unreachable_cluster_is_reported_once_and_the_store_is_used(
    flags: tuple[str, ...], env: dict[str, str], etcd: Etcd, server: Server, tmp_path: Path
) -> None:
    put(etcd, 1)
    imported(env, etcd, tmp_path)
    server.close()
    screen = describe(env, *flags)
    assert (screen.status, screen.err.count("using the store")) == (0, 1)
    assert "refused the connection" in screen.err
    assert "BackOff" in screen.out


def test_without_store_and_cluster_there_is_one_error(env: dict[str, str], server: Server) -> None:
    server.close()
    screen = describe(env)
    assert screen.status == 3
    assert "there is no store in" in screen.err
    assert "refused the connection" in screen.err
    assert describe(env, "--offline").status == 4


def test_without_permission_for_all_namespaces_the_contexts_namespace_is_listed(
    env: dict[str, str], etcd: Etcd, server: Server
) -> None:
    put(etcd, 1)
    put(etcd, 2, "other")
    server.script(faults.status(403), when=lambda request: request.verb == "list" and request.namespace is None)
    assert "BackOff" in describe(env).out


def test_one_name_in_two_namespaces_needs_a_namespace(env: dict[str, str], etcd: Etcd) -> None:
    put(etcd, 1)
    put(etcd, 2, "other")
    screen = describe(env)
    assert screen.status == 2
    assert "pod/web-1 is in 2 namespaces: other, shop" in screen.err
    assert "BackOff" in describe(env, "-n", "other").out


def test_the_family_includes_events_of_the_cluster(env: dict[str, str], etcd: Etcd) -> None:
    put(etcd, 1)
    owner = {"kind": "ReplicaSet", "namespace": "shop", "name": "web", "uid": POD}
    made = event(
        "web.2", "shop", "00000000-0000-4000-8000-000000000099", involvedObject=owner, reason="SuccessfulCreate"
    )
    etcd.put(made | {"message": "Created pod: web-1", "source": {"component": "replicaset-controller"}})
    rows = json.loads(describe(env, "--family", "-o", "json").out)
    assert [(row["object"], row["depth"]) for row in rows] == [("ReplicaSet/web", 0), ("Pod/web-1", 1)]
