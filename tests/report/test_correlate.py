"""Which events are related to an object, and how unusual they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import log2
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.anchor import worst_event
from kevents.report.correlate import correlate, correlation_keys
from kevents.report.describe.subject import Subject
from tests.observations import NOW, at, observation, write_store
from tests.report.dumps import answer

SUBJECT = Subject("prod", "shop", "Pod", "web-1")
WORST = observation(
    at("10:00"), reason="FailedMount", type="Warning", message='MountVolume failed for volume "pvc-1": no'
)
ELSEWHERE = {"namespace": "bank", "object_namespace": "bank", "source_host": "node-z", "name": "other"}


def related_rows(directory: Path, *others: Mapping[str, Any], worst: Mapping[str, Any] = WORST) -> list[dict[str, Any]]:
    """The related events, from a store with the object's worst event and the others."""
    files = write_store(directory, [worst, *others])
    own = Engine(files, Selection(namespaces=("shop",), kinds=("Pod",), names=("web-1",)), NOW)
    anchor = worst_event(own)
    assert anchor is not None
    keys = correlation_keys(own, Engine(files, Selection(namespaces=("shop",)), NOW), SUBJECT, anchor)
    question = correlate(SUBJECT, anchor, keys, anchor.at, timedelta(minutes=10))
    return [row for batch in question.answer(Engine(files, Selection(), NOW)).batches for row in batch.to_pylist()]


@pytest.mark.parametrize(
    ("other", "related"),
    [
        ({"name": "web-2"}, "node, namespace"),
        ({**ELSEWHERE, "source_host": "node-a"}, "node"),
        ({**ELSEWHERE, "kind": "Node", "name": "node-a", "namespace": "default"}, "node"),
        ({"name": "web-2", "source_host": "node-z"}, "namespace"),
        ({**ELSEWHERE, "message": 'AttachVolume failed for volume "pvc-1": no'}, "volume"),
        ({**ELSEWHERE, "reason": "FailedMount", "message": 'MountVolume failed for volume "pvc-2": no'}, "pattern"),
    ],
)
def test_each_relation_is_named(other, related, tmp_path):
    (row,) = related_rows(tmp_path, observation(at("10:01"), **{"reason": "Odd", "message": "odd", **other}))
    assert (row["related"], row["offset"]) == (related, 60)


def test_unrelated_events_and_those_of_the_object_itself_are_left_out(tmp_path):
    assert (
        related_rows(
            tmp_path, observation(at("10:01"), **ELSEWHERE, reason="Odd"), observation(at("10:02"), reason="Mine")
        )
        == []
    )


def test_pods_with_the_same_image_are_related_across_namespaces(tmp_path):
    worst = {**WORST, "reason": "Failed", "message": 'Failed to pull image "registry.example/a:1": no'}
    (row,) = related_rows(
        tmp_path, observation(at("10:01"), **ELSEWHERE, message='Pulling image "registry.example/a:1"'), worst=worst
    )
    assert row["related"] == "image"


def test_the_family_is_related_on_every_node(tmp_path):
    controller = {"type": "Normal", "source_component": "controller", "source_host": None}
    rows = [
        observation(
            at("09:58"),
            kind="ReplicaSet",
            name="web",
            reason="SuccessfulCreate",
            message="Created pod: web-1",
            **controller,
        ),
        observation(
            at("09:59"),
            kind="ReplicaSet",
            name="api",
            reason="SuccessfulCreate",
            message="Created pod: api-1",
            **controller,
        ),
    ]
    rows = related_rows(tmp_path, *rows)
    assert {(row["object"], row["related"]) for row in rows} == {
        ("ReplicaSet/web", "family, namespace"),
        ("ReplicaSet/api", "namespace"),
    }


def test_surprise_is_low_for_usual_events_and_high_for_rare_ones(tmp_path):
    rows = [
        # one per minute for ten hours, 21 of them in the window
        observation(at("11:00"), name="noise", reason="Noise", count=601, first_seen=at("01:00")),
        observation(at("10:03"), name="new", reason="New", count=4, first_seen=at("10:02")),
        observation(at("10:04"), name="once", reason="Once"),
    ]
    new, once, noise = related_rows(tmp_path, *rows)
    assert [row["reason"] for row in (new, once, noise)] == ["New", "Once", "Noise"]
    assert (new["times"], new["usual"], new["surprise"]) == (4, 0, round(log2(4.5 / 0.5), 1))
    assert once["surprise"] == round(log2(1.5 / 0.5), 1)
    # outside the window: 580 in 580 minutes
    assert (noise["times"], round(noise["usual"]), noise["surprise"]) == (21, 20, pytest.approx(0, abs=0.1))


def test_a_node_failure_is_above_a_harmless_event_that_is_as_rare(tmp_path):
    rows = [
        observation(at("10:01"), name="web-2", reason="Odd", message="odd"),
        observation(
            at("09:58"), kind="Node", name="node-a", namespace="default", reason="NodeNotReady", message="gone"
        ),
        *(observation(at(f"10:0{n}"), name="web-3", reason="Started", clock_ns=n) for n in range(3)),
    ]
    assert related_rows(tmp_path, *rows)[0]["reason"] == "NodeNotReady"


# from reading the dumps: the related events among all events at that time
RELATED = [
    # this pod was evicted because its node became NotReady after running out of memory
    (
        "gke-cluster-info-dump.txt",
        ["pod/accounts-db-0", "--around", "2022-08-03T15:21:48Z"],
        {"NodeNotReady", "SystemOOM"},
        3,
    ),
    # the pod and the node were created before the network was available
    ("k3s-cluster-info-dump.txt", ["pod/coredns-85cb69466-4nb89"], {"FailedCreatePodSandBox"}, 3),
    # the second pod of the set crashes in the same way
    ("test-crash.json", ["pod/crash-loop-app-67586446fc-6fgz5"], {"BackOff"}, 3),
]


@pytest.mark.parametrize(("dump", "arguments", "reasons", "within"), RELATED, ids=[case[0] for case in RELATED])
def test_the_related_events_of_a_real_dump_are_near_the_top(dump, arguments, reasons, within, shared: Path, tmp_path):
    rows = answer(shared / "dumps" / "public" / dump, tmp_path, "correlate", *arguments)
    assert reasons <= {row["reason"] for row in rows[:within]}
