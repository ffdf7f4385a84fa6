"""Rollouts, with values determined by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.observations import at, observation
from tests.report.conftest import RunReport
from tests.report.dumps import answer

# with pod template hashes as Kubernetes generates them
OLD, NEW = "web-5bb5669766", "web-55f4dd6dcc"


def scaled(clock: str, direction: str, revision: str, to: int, **columns: Any) -> dict[str, Any]:
    message = f"Scaled {direction} replica set {revision} to {to}"
    defaults = {
        "kind": "Deployment",
        "name": "web",
        "reason": "ScalingReplicaSet",
        "source_component": "deployment-controller",
    }
    return observation(
        at(clock), message=message, clock_ns=clock_of(message), **(defaults | {"source_host": None} | columns)
    )


def pod(clock: str, name: str, image: str, **columns: Any) -> list[dict[str, Any]]:
    """A pod that pulls its image and starts a second later."""
    pulled = {"reason": "Pulled", "message": f'Container image "{image}" already present on machine', "clock_ns": 1}
    started = {"reason": "Started", "clock_ns": 2}
    shared = {"name": name, "field_path": "spec.containers{app}"} | columns
    return [observation(at(clock), **(pulled | shared)), observation(at(f"{clock}:01"), **(started | shared))]


def clock_of(message: str) -> int:
    return sum(map(ord, message)) % 1000


ROLLOUT = [
    *pod("08:00", f"{OLD}-kr2lw", "registry:5000/web:1"),
    scaled("09:00", "up", NEW, 1),
    *pod("09:01", f"{NEW}-5q794", "registry:5000/web:2"),
    scaled("09:02", "down", OLD, 1),
    scaled("09:03", "up", NEW, 2),
    *pod("09:04", f"{NEW}-sb4bh", "registry:5000/web:2"),
    scaled("09:05", "down", OLD, 0),
]


def test_a_rollout_is_done_when_the_old_replica_set_is_at_zero(report: RunReport) -> None:
    (row,) = report("rollouts", ROLLOUT)
    assert (row["workload"], row["what"], row["state"]) == ("Deployment/web", "rollout", "done")
    assert (row["image_before"], row["image"]) == ("registry:5000/web:1", "registry:5000/web:2")
    assert (row["revision_before"], row["revision"]) == (OLD, NEW)
    assert (row["started"], row["took"], row["pods"], row["failures"]) == (at("09:00"), 300, 2, None)


def test_scaling_is_not_a_rollout_and_a_return_to_the_old_replica_set_is_a_rollback(report: RunReport) -> None:
    rows = [
        *ROLLOUT,
        scaled("10:00", "up", NEW, 5),  # an autoscaler
        scaled("11:00", "up", OLD, 2),
        *pod("11:00", f"{OLD}-plw5h", "registry:5000/web:1"),
        *pod("11:01", f"{OLD}-s4xjk", "registry:5000/web:1"),
        scaled("11:02", "down", NEW, 0),
    ]
    # the old ReplicaSet was scaled down, so it was active before
    assert [row["what"] for row in report("rollouts", rows)] == ["rollout", "rollback"]
    rows.append(scaled("07:00", "up", OLD, 1))
    rollouts = report("rollouts", rows)
    assert [row["what"] for row in rollouts] == ["first seen", "rollout", "rollback"]
    assert (rollouts[2]["image"], rollouts[2]["took"]) == ("registry:5000/web:1", 120)


def test_existing_pods_do_not_delay_the_end_of_a_rollout(report: RunReport) -> None:
    rows = [
        scaled("09:00", "up", f"{NEW} from 2", 3),
        scaled("09:00:01", "down", f"{OLD} from 1", 0),
        *pod("09:01", f"{NEW}-plw5h", "registry:5000/web:1"),
    ]
    (row,) = report("rollouts", rows)
    assert (row["state"], row["took"]) == ("done", 61)


def test_a_failing_rollout_shows_its_problems(report: RunReport) -> None:
    failing = {"name": f"{NEW}-5q794", "type": "Warning", "clock_ns": 5, "first_seen": at("09:01")}
    rows = [
        *pod("08:00", f"{OLD}-kr2lw", "web:1"),
        scaled("09:00", "up", NEW, 1),
        observation(at("09:20"), count=7, reason="BackOff", message='Back-off pulling image "web:2"', **failing),
        observation(
            at("09:01"),
            kind="ReplicaSet",
            reason="FailedCreate",
            message="exceeded quota",
            **(failing | {"name": NEW, "clock_ns": 6}),
        ),
    ]
    (row,) = report("rollouts", rows)
    assert (row["state"], row["took"], row["failures"], row["trouble"]) == (
        "not done",
        None,
        8,
        "BackOff, FailedCreate",
    )
    # fixed by another rollout
    rows += [scaled("09:30", "up", "web-7df978b9bf", 1), scaled("09:31", "down", NEW, 0)]
    assert [row["state"] for row in report("rollouts", rows)] == ["superseded", "done"]


def test_the_first_known_replica_set_is_done_when_its_pods_have_started(report: RunReport) -> None:
    rows = [
        scaled("09:00", "up", NEW, 2),
        *pod("09:01", f"{NEW}-5q794", "web:2"),
        *pod("09:03", f"{NEW}-sb4bh", "web:2"),
    ]
    (row,) = report("rollouts", rows)
    assert (row["what"], row["state"], row["took"]) == ("first seen", "done", 181)
    (row,) = report("rollouts", rows[:3])
    assert (row["state"], row["pods"]) == ("not done", 1)


def test_a_different_image_is_a_rollout_of_a_stateful_set(report: RunReport) -> None:
    created = {
        "kind": "StatefulSet",
        "name": "db",
        "reason": "SuccessfulCreate",
        "source_component": "statefulset-controller",
    }
    rows = [
        *(
            observation(
                at(clock), message=f"create Pod db-{n} in StatefulSet db successful", clock_ns=n + 10, **created
            )
            for n, clock in enumerate(("08:00", "08:01"))
        ),
        *pod("08:00", "db-0", "db:1"),
        *pod("08:01", "db-1", "db:1"),
        *pod("09:01", "db-1", "db:2"),
        *pod("09:02", "db-0", "db:2"),
    ]
    rows = [row | {"clock_ns": n} for n, row in enumerate(rows)]
    rollouts = [(row["workload"], row["what"], row["image_before"], row["image"]) for row in report("rollouts", rows)]
    assert rollouts == [
        ("StatefulSet/db", "first seen", None, "db:1"),
        ("StatefulSet/db", "rollout", "db:1", "db:2"),
    ]


@pytest.mark.parametrize(("image", "count"), [("podinfo", 1), ("stefanprodan/podinfo:5.0.0", 1), ("info", 0)])
def test_the_rollouts_of_an_image_in_a_real_dump(image: str, count: int, shared: Path, tmp_path: Path) -> None:
    rows = answer(shared / "dumps/public/capture-rollout.yaml", tmp_path, "rollouts", "--image", image)
    # by hand: px-5d567cc74c replaces px-7df978b9bf from 09:42:58 to 09:43:07
    assert [(row["workload"], row["started"], row["took"], row["pods"]) for row in rows] == [
        ("Deployment/px", "2021-05-19T09:42:58Z", 9, 2)
    ] * count
