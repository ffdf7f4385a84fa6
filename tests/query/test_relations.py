"""Relations found in messages, ownerReferences and names. The messages are those of the Kubernetes sources."""

from __future__ import annotations

import json

import pytest

from tests.observations import at, observation
from tests.query.conftest import RunSql

PAIRS = "SELECT parent_kind, parent_name, kind, name, relation, how FROM relations ORDER BY ALL"


def pairs(run_sql: RunSql, *observations) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in run_sql(list(observations), PAIRS)]


def event(kind: str, name: str, message: str | None, **columns):
    return observation(at("09:00"), kind=kind, name=name, message=message, source_host=None, **columns)


@pytest.mark.parametrize(
    ("kind", "name", "message", "child"),
    [
        ("Deployment", "web", "Scaled up replica set web-55f4dd6dcc to 3", "ReplicaSet web-55f4dd6dcc"),
        ("Deployment", "web", "Scaled down replica set web-55f4dd6dcc from 3 to 1", "ReplicaSet web-55f4dd6dcc"),
        (
            "Deployment",
            "web",
            "(combined from similar events): Scaled up replica set web-5bb5669766 from 0 to 3",
            "ReplicaSet web-5bb5669766",
        ),
        ("ReplicaSet", "web-55f4dd6dcc", "Deleted pod: web-55f4dd6dcc-2lgwd", "Pod web-55f4dd6dcc-2lgwd"),
        ("DaemonSet", "kube-proxy", "Created pod: kube-proxy-8xqnl", "Pod kube-proxy-8xqnl"),
        ("Job", "migrate", "Created pod: migrate-77nfx", "Pod migrate-77nfx"),
        ("StatefulSet", "db", "create Pod db-0 in StatefulSet db successful", "Pod db-0"),
        ("StatefulSet", "db", "delete Pod db-0 in StatefulSet db failed error: gone", "Pod db-0"),
        ("CronJob", "tick", "Created job tick-29920335", "Job tick-29920335"),
        ("CronJob", "tick", "Saw completed job: tick-29920335, condition: Complete", "Job tick-29920335"),
        ("HelmChart", "traefik", "Applying HelmChart using Job kube-system/helm-install", "Job helm-install"),
    ],
)
def test_a_controller_names_its_children(kind, name, message, child, run_sql: RunSql):
    relations = [pair for pair in pairs(run_sql, event(kind, name, message)) if pair[5] == "said"]
    assert relations == [(kind, name, *child.split(), "owner", "said")]


def test_a_claim_belongs_to_the_pod_that_it_is_created_for(run_sql: RunSql):
    message = "create Claim data-db-0 Pod db-0 in StatefulSet db success"
    assert pairs(run_sql, event("StatefulSet", "db", message)) == [
        ("PersistentVolumeClaim", "data-db-0", "Pod", "db-0", "volume", "said"),
        ("StatefulSet", "db", "PersistentVolumeClaim", "data-db-0", "owner", "said"),
    ]


@pytest.mark.parametrize(
    "events",
    [
        [event("PersistentVolumeClaim", "data", "waiting for pod web-1 to be scheduled")],
        [event("PersistentVolumeClaim", "data", "waiting for pods web-1,web-1 to be scheduled")],
        [event("Pod", "web-1", 'persistentvolumeclaim "data" not found', reason="FailedScheduling")],
        [
            event("PersistentVolumeClaim", "data", "provisioned", object_uid="0a1b2c3d-0000-4000-8000-000000000001"),
            event(
                "Pod",
                "web-1",
                'AttachVolume.Attach succeeded for volume "pvc-0a1b2c3d-0000-4000-8000-000000000001"',
                source_component="attachdetach-controller",
            ),
        ],
    ],
)
def test_a_claim_belongs_to_the_pods_that_wait_for_it_or_mount_it(events, run_sql: RunSql):
    assert pairs(run_sql, *events) == [("PersistentVolumeClaim", "data", "Pod", "web-1", "volume", "said")]


def test_a_pod_belongs_to_the_node_that_the_scheduler_or_a_kubelet_names(run_sql: RunSql):
    assigned = "Successfully assigned shop/web-1 to node-b"
    scheduled = event("Pod", "web-1", assigned, reason="Scheduled", source_component="default-scheduler")
    ran = observation(at("09:01"), name="web-2")
    probed = observation(at("09:02"), name="web-3", source_component="node-problem-detector")
    assert pairs(run_sql, scheduled, ran, probed) == [
        ("Node", "node-a", "Pod", "web-2", "node", "said"),
        ("Node", "node-b", "Pod", "web-1", "node", "said"),
    ]


def test_owner_references_from_an_exporter_are_used(run_sql: RunSql):
    owners = {"involvedObject": {"ownerReferences": [{"kind": "Widget", "name": "w", "apiVersion": "x/v1"}]}}
    assert pairs(run_sql, event("Pod", "odd", "hm", source_component="x", extra=json.dumps(owners))) == [
        ("Widget", "w", "Pod", "odd", "owner", "owner")
    ]


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (
            "Pod",
            "web-55f4dd6dcc-2lgwd",
            ["Deployment web ReplicaSet web-55f4dd6dcc", "ReplicaSet web-55f4dd6dcc Pod web-55f4dd6dcc-2lgwd"],
        ),
        (
            "Pod",
            "web-1234567890-2lgwd",  # hashes were decimal before Kubernetes 1.8
            ["Deployment web ReplicaSet web-1234567890", "ReplicaSet web-1234567890 Pod web-1234567890-2lgwd"],
        ),
        (
            "Pod",
            "tick-29920335-ntngv",
            ["CronJob tick Job tick-29920335", "Job tick-29920335 Pod tick-29920335-ntngv"],
        ),
        ("Job", "hello-1567197780", ["CronJob hello Job hello-1567197780"]),
        ("Pod", "kube-proxy-8xqnl", []),  # of a DaemonSet or a Job: the name alone is not enough
        ("Pod", "etcd-master-0", []),
        ("Pod", "web-1", []),
        ("Job", "migrate-42", []),
    ],
)
def test_relations_without_a_message_are_inferred_from_names(kind, name, expected, run_sql: RunSql):
    relations = pairs(run_sql, event(kind, name, None, source_component="x"))
    assert [" ".join(pair[:4]) for pair in relations] == expected
    assert {pair[5] for pair in relations} <= {"inferred"}


@pytest.mark.parametrize(
    ("owner", "pod"),
    [("DaemonSet kube-proxy", "kube-proxy-8xqnl"), ("Job migrate", "migrate-8xqnl"), ("StatefulSet db", "db-0")],
)
def test_an_owner_is_inferred_if_an_object_of_that_name_exists(owner, pod, run_sql: RunSql):
    kind, name = owner.split()
    events = [event(kind, name, "hm", source_component="x"), event("Pod", pod, "hm", source_component="x")]
    assert pairs(run_sql, *events) == [(kind, name, "Pod", pod, "owner", "inferred")]


def test_an_autoscaler_scales_the_workload_of_the_same_name(run_sql: RunSql):
    events = [event("HorizontalPodAutoscaler", "web", "New size: 3"), event("Deployment", "web", "hm")]
    assert pairs(run_sql, *events) == [("HorizontalPodAutoscaler", "web", "Deployment", "web", "target", "inferred")]


def test_a_relation_in_a_message_is_not_inferred_and_has_the_events_reason(run_sql: RunSql):
    events = [
        event("ReplicaSet", "web-55f4dd6dcc", "Created pod: web-55f4dd6dcc-2lgwd", reason="SuccessfulCreate"),
        event("Pod", "web-55f4dd6dcc-2lgwd", "hm", source_component="x"),
    ]
    (row,) = run_sql(events, "SELECT how, reason, since FROM relations WHERE kind = 'Pod'")
    assert row == {"how": "said", "reason": "SuccessfulCreate", "since": at("09:00")}


def test_clusters_and_namespaces_stay_apart(run_sql: RunSql):
    events = [
        event("DaemonSet", "kube-proxy", "hm", source_component="x", cluster="a"),
        event("Pod", "kube-proxy-8xqnl", "hm", source_component="x", cluster="b"),
        event("Pod", "kube-proxy-8xqnl", "hm", source_component="x", cluster="a", namespace="other"),
    ]
    assert pairs(run_sql, *events) == []


def test_the_window_does_not_limit_relations(run_sql: RunSql):
    events = [event("CronJob", "tick", "Created job tick-29920335")]
    assert len(run_sql(events, "FROM relations", since=at("11:00"))) == 1
