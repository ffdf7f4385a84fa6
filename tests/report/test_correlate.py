"""What is related, and what is unusual."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import log2
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.anchor import worst
from kevents.report.correlate import correlate, ties
from kevents.report.describe.subject import Subject
from tests.observations import NOW, at, observation, write_store
from tests.report.dumps import answer

ME = Subject("prod", "shop", "Pod", "web-1")
MINE = observation(
    at("10:00"), reason="FailedMount", type="Warning", message='MountVolume failed for volume "pvc-1": no'
)
ELSEWHERE = {"namespace": "bank", "object_namespace": "bank", "source_host": "node-z", "name": "other"}


def found(directory: Path, *others: Mapping[str, Any], mine: Mapping[str, Any] = MINE) -> list[dict[str, Any]]:
    files = write_store(directory, [mine, *others])
    alone = Engine(files, Selection(namespaces=("shop",), kinds=("Pod",), names=("web-1",)), NOW)
    anchor = worst(alone)
    assert anchor is not None
    tied = ties(alone, Engine(files, Selection(namespaces=("shop",)), NOW), ME, anchor)
    question = correlate(ME, anchor, tied, anchor.at, timedelta(minutes=10))
    return [row for batch in question.answer(Engine(files, Selection(), NOW)).batches for row in batch.to_pylist()]


@pytest.mark.parametrize(
    ("other", "related"),
    [
        ({"name": "web-2"}, "node, namespace"),
        ({**ELSEWHERE, "source_host": "node-a"}, "node"),
        ({**ELSEWHERE, "kind": "Node", "name": "node-a", "namespace": "default"}, "node"),
        ({"name": "web-2", "source_host": "node-z"}, "namespace"),
        ({**ELSEWHERE, "message": 'AttachVolume failed for volume "pvc-1": no'}, "volume"),
        ({**ELSEWHERE, "reason": "FailedMount", "message": 'MountVolume failed for volume "pvc-2": no'}, "shape"),
    ],
)
def test_each_tie_is_named(other, related, tmp_path):
    (row,) = found(tmp_path, observation(at("10:01"), **{"reason": "Odd", "message": "odd", **other}))
    assert (row["related"], row["offset"]) == (related, 60)


def test_strangers_and_the_object_itself_are_left_out(tmp_path):
    assert (
        found(tmp_path, observation(at("10:01"), **ELSEWHERE, reason="Odd"), observation(at("10:02"), reason="Mine"))
        == []
    )


def test_the_same_image_ties_pods_of_all_namespaces(tmp_path):
    mine = {**MINE, "reason": "Failed", "message": 'Failed to pull image "registry.example/a:1": no'}
    (row,) = found(
        tmp_path, observation(at("10:01"), **ELSEWHERE, message='Pulling image "registry.example/a:1"'), mine=mine
    )
    assert row["related"] == "image"


def test_the_family_is_related_wherever_it_runs(tmp_path):
    made = {"type": "Normal", "source_component": "controller", "source_host": None}
    rows = [
        observation(
            at("09:58"), kind="ReplicaSet", name="web", reason="SuccessfulCreate", message="Created pod: web-1", **made
        ),
        observation(
            at("09:59"), kind="ReplicaSet", name="api", reason="SuccessfulCreate", message="Created pod: api-1", **made
        ),
    ]
    rows = found(tmp_path, *rows)
    assert {(row["object"], row["related"]) for row in rows} == {
        ("ReplicaSet/web", "family, namespace"),
        ("ReplicaSet/api", "namespace"),
    }


def test_what_always_happens_is_no_surprise_and_what_never_does_is_one(tmp_path):
    rows = [
        # one a minute for ten hours, the window's 21 among them
        observation(at("11:00"), name="noise", reason="Noise", count=601, first_seen=at("01:00")),
        observation(at("10:03"), name="new", reason="New", count=4, first_seen=at("10:02")),
        observation(at("10:04"), name="once", reason="Once"),
    ]
    new, once, noise = found(tmp_path, *rows)
    assert [row["reason"] for row in (new, once, noise)] == ["New", "Once", "Noise"]
    assert (new["times"], new["usual"], new["surprise"]) == (4, 0, round(log2(4.5 / 0.5), 1))
    assert once["surprise"] == round(log2(1.5 / 0.5), 1)
    # the rest of the ten hours: 580 in 580 minutes
    assert (noise["times"], round(noise["usual"]), noise["surprise"]) == (21, 20, pytest.approx(0, abs=0.1))


def test_a_node_that_fails_stands_above_what_is_as_rare_and_harmless(tmp_path):
    rows = [
        observation(at("10:01"), name="web-2", reason="Odd", message="odd"),
        observation(
            at("09:58"), kind="Node", name="node-a", namespace="default", reason="NodeNotReady", message="gone"
        ),
        *(observation(at(f"10:0{n}"), name="web-3", reason="Started", clock_ns=n) for n in range(3)),
    ]
    assert found(tmp_path, *rows)[0]["reason"] == "NodeNotReady"


# read by hand: what has to do with it, of all that happened at that time
RELATED = [
    # the eviction of this pod follows from its node, which went NotReady after running out of memory
    (
        "gke-cluster-info-dump.txt",
        ["pod/accounts-db-0", "--around", "2022-08-03T15:21:48Z"],
        {"NodeNotReady", "SystemOOM"},
        3,
    ),
    # pod and node alike were made while the network was not there
    ("k3s-cluster-info-dump.txt", ["pod/coredns-85cb69466-4nb89"], {"FailedCreatePodSandBox"}, 3),
    # the second pod of the set crashes in the same way
    ("test-crash.json", ["pod/crash-loop-app-67586446fc-6fgz5"], {"BackOff"}, 3),
]


@pytest.mark.parametrize(("dump", "asked", "reasons", "within"), RELATED, ids=[one[0] for one in RELATED])
def test_what_it_has_to_do_with_in_a_real_dump_stands_near_the_top(
    dump, asked, reasons, within, shared: Path, tmp_path
):
    rows = answer(shared / "dumps" / "public" / dump, tmp_path, "correlate", *asked)
    assert reasons <= {row["reason"] for row in rows[:within]}
