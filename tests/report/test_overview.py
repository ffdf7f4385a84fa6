"""Which objects the overview shows first, and with which values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kevents.query.user_sql import RowOptions
from tests.observations import at, observation
from tests.report.conftest import RunReport

ROUTINE = {"type": "Normal", "reason": "Scheduled", "source_component": "default-scheduler"}
FAILED = {"type": "Warning", "reason": "FailedMount"}


def test_the_worst_object_is_first_with_its_worst_reason(report: RunReport):
    rows = [
        observation(at("11:00"), name="fine", count=500, first_seen=at("09:00"), **ROUTINE),
        observation(at("11:10"), name="bad", count=4, first_seen=at("10:00"), **FAILED),
        observation(at("11:20"), name="bad", clock_ns=2, **ROUTINE),
        observation(at("11:00"), kind="Node", name="node-a", namespace="default", reason="NodeNotReady"),
    ]
    found = report("overview", rows)
    assert [row["object"] for row in found] == ["Node/node-a", "Pod/bad", "Pod/fine"]
    assert [row["severity"] for row in found] == ["critical", "error", "info"]
    bad = found[1]
    assert (bad["reason"], bad["last_reason"], bad["warnings"], bad["normals"]) == ("FailedMount", "Scheduled", 4, 1)
    assert (bad["first_seen"], bad["last_seen"]) == (at("10:00"), at("11:20"))


def test_among_equally_bad_objects_ongoing_problems_come_first(report: RunReport):
    rows = [
        observation(at("09:00"), name="over", count=400, first_seen=at("08:00"), **FAILED),
        observation(at("11:59"), name="ongoing", count=20, first_seen=at("11:00"), **FAILED),
        observation(at("11:59"), name="once", **FAILED),
    ]
    assert [row["object"] for row in report("overview", rows)] == ["Pod/ongoing", "Pod/once", "Pod/over"]


def test_only_occurrences_in_the_window_count(report: RunReport):
    rows = [observation(at("11:00"), count=61, first_seen=at("10:00"), **FAILED)]  # one per minute
    (row,) = report("overview", rows, since=at("10:10"), until=at("10:20"))
    assert row["warnings"] == 10
    assert sum(row["trend"]) == 10
    assert len(row["trend"]) == 24


def test_the_trend_includes_occurrences_known_from_an_observation_after_the_window(report: RunReport):
    # 11 in an hour; those at 09:00, 09:06, 09:12, 09:18 and 09:24 are in the window
    rows = [
        observation(at("10:00"), first_seen=at("09:00"), count=11, name="a", **FAILED),
        observation(at("09:20"), name="b", **FAILED),
    ]
    a, b = report("overview", rows, RowOptions(sort_by="object"), until=at("09:30"))
    assert (a["warnings"], b["warnings"]) == (5, 1)
    # each slot is 75 s
    assert [slot for slot, times in enumerate(a["trend"]) if times] == [0, 4, 9, 14, 19]
    assert [slot for slot, times in enumerate(b["trend"]) if times] == [16]


def test_occurrences_at_impossible_times_are_in_the_first_slot(report: RunReport):
    rows = [
        observation(
            at("09:00"),
            first_seen=datetime(1, 1, 1, tzinfo=UTC),
            count=5,
            name="a",
            event_name="a",
            clock_ns=None,
            **FAILED,
        ),
        observation(at("08:00"), name="b", **FAILED),
    ]
    (a, _) = report("overview", rows, RowOptions(sort_by="object"))
    assert (a["warnings"], a["trend"]) == (5, [4, *[0] * 22, 1])


def test_the_trend_of_each_object_adds_up(report: RunReport):
    rows = [
        observation(at("10:00"), name="a", count=7, first_seen=at("08:00"), **FAILED),
        observation(at("08:00"), name="b", **FAILED),
    ]
    a, b = sorted(report("overview", rows), key=lambda row: row["object"])
    assert (sum(a["trend"]), sum(b["trend"])) == (7, 1)
    assert (a["trend"][0], a["trend"][-1], b["trend"][0]) == (1, 1, 1)


@pytest.mark.parametrize("by", ["namespace", "cluster", "kind", "node", "category", "component"])
def test_groups_count_their_objects(by, report: RunReport):
    rows = [observation(at("11:00"), name=f"p{n}", **FAILED) for n in range(3)]
    (row,) = report("overview", rows, by=by)
    assert (row[by] is not None, row["objects"], row["warnings"]) == (True, 3, 3)


def test_a_family_is_named_after_its_top_owner(report: RunReport):
    controller = {"type": "Normal", "source_component": "controller"}
    rows = [
        observation(
            at("10:00"),
            kind="Deployment",
            name="web",
            reason="ScalingReplicaSet",
            message="Scaled up replica set web-6b75c97d68 to 1",
            **controller,
        ),
        observation(
            at("10:00"),
            kind="ReplicaSet",
            name="web-6b75c97d68",
            reason="SuccessfulCreate",
            message="Created pod: web-6b75c97d68-grflx",
            **controller,
        ),
        observation(at("10:01"), name="web-6b75c97d68-grflx", **FAILED),
        observation(at("10:01"), name="alone", **FAILED),
    ]
    found = {row["family"]: row for row in report("overview", rows, by="family")}
    assert set(found) == {"Deployment/web", "Pod/alone"}
    assert (found["Deployment/web"]["objects"], found["Deployment/web"]["severity"]) == (3, "error")


def test_objects_with_impossible_times_are_shown(report: RunReport):
    rows = [
        observation(None, first_seen=None, clock_ns=None, name="x", event_name="x.1", **FAILED),
        observation(datetime(2429, 1, 1, tzinfo=UTC), clock_ns=None, name="y", event_name="y.1", **FAILED),
        observation(at("11:00"), name="z", **FAILED),
    ]
    assert {row["object"] for row in report("overview", rows)} == {"Pod/x", "Pod/y", "Pod/z"}


def test_the_number_beside_a_reason_is_how_often_that_reason_occurred(report: RunReport):
    rows = [
        # a Normal event with a bad reason, beside Warnings with other reasons
        observation(at("11:10"), name="bad", count=7, first_seen=at("10:00"), type="Normal", reason="BackOff"),
        observation(at("11:00"), name="bad", clock_ns=2, count=3, first_seen=at("10:00"), type="Warning", reason="Odd"),
        observation(at("11:05"), name="bad", clock_ns=3, count=5, first_seen=at("10:00"), **FAILED),
    ]
    (row,) = report("overview", rows)
    assert (row["severity"], row["reason"], row["times"], row["warnings"]) == ("error", "BackOff", 7, 8)


def test_a_family_has_no_members_in_other_namespaces(report: RunReport):
    created = {"kind": "ReplicaSet", "name": "web-7d9c5b6f4", "reason": "SuccessfulCreate", "type": "Normal"}
    rows = [
        observation(
            at("10:00"),
            namespace=namespace,
            event_name=f"{namespace}.{pod}",
            message=f"Created pod: web-7d9c5b6f4-{pod}",
            **created,
        )
        for namespace, pods in (("one", ("aaaaa",)), ("two", ("bbbbb", "ccccc")))
        for pod in pods
    ]
    rows += [
        observation(at("10:01"), namespace=namespace, name=f"web-7d9c5b6f4-{pod}", event_name=f"{pod}.1", **FAILED)
        for namespace, pod in (("one", "aaaaa"), ("two", "bbbbb"), ("two", "ccccc"))
    ]
    families = {row["namespace"]: row["objects"] for row in report("overview", rows, by="family")}
    assert families == {"one": 2, "two": 3}  # the ReplicaSet and its pods
