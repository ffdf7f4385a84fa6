"""The history of an object: lives, earlier texts, gaps, the order of cause, the paragraph on top."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.describe.event import events, lives
from kevents.report.describe.family import Family, created, family
from kevents.report.describe.history import HistoryInput, history
from kevents.report.describe.order import in_order
from kevents.report.describe.subject import Subject
from kevents.store.coverage import Span, State
from tests.observations import NOW, at, observation, write_store

POD = Subject("prod", "shop", "Pod", "web-1")
FIRST, SECOND = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"

Open = Callable[..., Engine]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def of(*rows: dict[str, Any], **filters: Any) -> Engine:
        return Engine(write_store(tmp_path, rows), Selection(**filters), NOW)

    return of


def rows_of(told: HistoryInput, *, for_people: bool = True) -> list[dict[str, Any]]:
    result = history(told, UTC, for_people=for_people)
    return [row for batch in result.batches for row in batch.to_pylist()]


def paragraph(told: HistoryInput) -> str:
    return history(told, UTC, for_people=True).heading[0]


def seen(clock: str, number: int, **columns: Any) -> dict[str, Any]:
    return observation(at(clock), clock_ns=number, **columns)


def test_a_span_of_whole_hours_is_told_as_such(opened: Open):
    # 4,523 pauses in 17 hours are no whole number of microseconds
    found = events(opened(seen("22:00", 1, first_seen=at("05:00"), count=4524)))
    assert "seen from 2026-11-20 05:00:00Z to 22:00:00Z (17h), 1 event, 4,524 occurrences" in paragraph(
        HistoryInput(POD, found)
    )


def test_two_uids_are_two_lives_told_one_after_the_other(opened: Open):
    engine = opened(
        seen("09:00", 1, object_uid=FIRST, reason="Started"),
        seen("09:10", 2, object_uid=FIRST, reason="Killing"),
        seen("09:20", 3, object_uid=SECOND, reason="Started"),
        seen("09:21", 4, object_uid=None, reason="TaintManagerEviction"),
    )
    told = HistoryInput(POD, events(engine))
    assert [(row["entry"], row["reason"], row["life"]) for row in rows_of(told)] == [
        ("life", "(life 1 of 2)", None),
        ("event", "Started", 1),
        ("event", "Killing", 1),
        ("life", "(life 2 of 2)", None),
        ("event", "Started", 2),
        ("event", "TaintManagerEviction", 2),
    ]
    assert rows_of(told)[0]["message"] == f"from 2026-11-20 09:00:00Z to 09:10:00Z (10m), uid {FIRST}"
    assert [row["entry"] for row in rows_of(told, for_people=False)] == ["event"] * 4
    assert "4 events, 2 lives. Life 1: started, stopped after 10m0s. Life 2: started." in paragraph(told)


def test_an_event_without_a_uid_stretches_no_life(opened: Open):
    """As TaintManagerEviction, which repeats over days and all lives."""
    rows = [
        seen("09:00", 1, object_uid=FIRST),
        seen("09:20", 2, object_uid=SECOND),
        seen("09:30", 3, object_uid=None, first_seen=at("08:00"), count=3),
    ]
    one, two = lives(events(opened(*rows)))
    assert (len(one.events), len(two.events)) == (1, 2)
    assert (two.first_seen, two.last_seen) == (at("09:20"), at("09:20"))


@pytest.mark.parametrize("uids", [("node-a", FIRST, None), ("node-a", "node-a", None)])
def test_node_events_join_whatever_uid_they_carry(uids, opened: Open):
    rows = [seen(f"09:0{n}", n, kind="Node", name="node-a", object_uid=uid) for n, uid in enumerate(uids)]
    assert len(lives(events(opened(*rows)))) == 1


def test_what_an_event_said_before_stands_below_it(opened: Open):
    """An aggregate's message is replaced at each update (events.md §1): earlier texts are in earlier observations only."""
    prefix = "(combined from similar events): "
    texts = [f'{prefix}Successfully pulled image "a" in {n}s' for n in range(8)]
    rows = [
        seen(f"09:0{n}", 1, first_seen=at("09:00"), count=n + 1, message=text, reason="Pulled")
        for n, text in enumerate(texts)
    ]
    told = HistoryInput(POD, events(opened(*rows)))
    shown = rows_of(told)
    assert [row["message"] for row in shown] == [
        texts[7],
        *texts[6:1:-1],
        "2 more texts: -o json has them all",
    ]
    assert (shown[0]["times"], shown[0]["last_seen"], shown[0]["rate"]) == (8, at("09:07"), 1.0)
    assert [text["message"] for text in rows_of(told, for_people=False)[0]["messages"]] == texts


def test_a_rate_is_that_of_the_occurrences_and_one_observation_shows_no_trend(opened: Open):
    one = seen("09:30", 1, first_seen=at("09:00"), count=61, reason="BackOff", type="Warning")
    (row,) = rows_of(HistoryInput(POD, events(opened(one))))
    assert (row["times"], row["rate"], row["trend"]) == (61, 2.0, None)
    fewer = [one, seen("10:00", 1, first_seen=at("09:00"), count=63, reason="BackOff", type="Warning")]
    (row,) = rows_of(HistoryInput(POD, events(opened(*fewer))))
    assert (row["times"], row["trend"]) == (63, "falling")


def test_a_gap_in_the_recording_stands_between_the_events(opened: Open):
    watched = [("08:00", "09:10"), ("09:40", "11:00"), ("11:30", "12:00")]
    covered = [Span("*", State.WATCHED, at(start), at(end)) for start, end in watched]
    covered.append(Span("*", State.GAP, at("09:10"), at("09:40"), "server", "latest"))
    told = HistoryInput(POD, events(opened(seen("09:00", 1), seen("10:00", 2))), covered=covered)
    shown = rows_of(told)
    assert [row["entry"] for row in shown] == ["event", "gap", "event"]
    assert (shown[1]["first_seen"], shown[1]["last_seen"]) == (at("09:10"), at("09:40"))
    assert shown[1]["message"] == "nobody watched for 30m (server): updates may be missing"
    assert "not watched from 2026-11-20 09:10:00Z to" in " ".join(history(told, UTC, for_people=True).heading)


def test_the_paragraph_tells_the_steps_of_a_pod_and_the_worst_of_it(opened: Open):
    engine = opened(
        observation(
            at("09:00"), kind="ReplicaSet", name="web", reason="SuccessfulCreate", message="Created pod: web-1"
        ),
        seen("09:00:01", 2, reason="Scheduled", message="Successfully assigned shop/web-1 to node-a"),
        seen("09:00:13", 3, reason="Pulled", message='Successfully pulled image "a" in 11s (12s including waiting)'),
        seen("09:00:14", 4, reason="Started"),
        seen(
            "09:05",
            5,
            reason="BackOff",
            type="Warning",
            count=12,
            first_seen=at("09:01"),
            message="Back-off restarting",
        ),
        seen("09:06", 6, reason="Killing"),
    )
    own = [event for event in events(engine) if event.kind == "Pod"]
    assert paragraph(HistoryInput(POD, own, created=created(engine, POD))) == (
        "Pod shop/web-1 of cluster prod: "
        "seen from 2026-11-20 09:00:01Z to 09:06:00Z (5m59s), 5 events, 16 occurrences. "
        "Scheduled to node-a after 1s, image pulled in 12s, started after 14s, stopped after 6m0s. "
        "Worst: BackOff (error), 12 times, last at 2026-11-20 09:05:00Z."
    )


def test_a_start_that_was_not_the_first_is_not_timed(opened: Open):
    engine = opened(
        seen("09:00", 1, reason="Scheduled"),
        seen("09:01", 2, reason="BackOff", message="Back-off restarting failed container", type="Warning"),
        seen("09:30", 3, reason="Started"),
    )
    assert "Scheduled to node-a, started. Worst" in paragraph(HistoryInput(POD, events(engine)))


def test_an_effect_moves_behind_the_event_that_tells_of_its_cause(opened: Open):
    """The clocks in the names are those of capture-rollout.yaml, where controllers write after the deed."""
    message = "Created pod: web-1"
    rows = [
        seen("09:00", 500, reason="Scheduled"),
        seen("09:00", 900, kind="ReplicaSet", name="web", reason="SuccessfulCreate", message=message),
        seen("09:00:03", 1, reason="Started"),
        seen("09:00:05", 7, reason="Killing"),
        seen("09:00:05", 9, kind="ReplicaSet", name="web", reason="SuccessfulDelete", message="Deleted pod: web-1"),
    ]
    ordered = in_order(events(opened(*rows)), {("ReplicaSet", "web"): 0, ("Pod", "web-1"): 1})
    assert [event.reason for event in ordered] == [
        "SuccessfulCreate",
        "Scheduled",
        "Started",
        "SuccessfulDelete",
        "Killing",
    ]


def test_what_lies_well_before_an_event_is_not_its_effect(opened: Open):
    rows = [
        seen("09:00", 1, reason="Unhealthy"),
        seen("09:00:05", 2, kind="ReplicaSet", name="web", reason="SuccessfulDelete", message="Deleted pod: web-1"),
        seen("09:00:04", 3, reason="Killing"),
    ]
    ordered = in_order(events(opened(*rows)), {("Pod", "web-1"): 1})
    assert [event.reason for event in ordered] == ["Unhealthy", "SuccessfulDelete", "Killing"]


def kin(engine: Engine, kind: str, name: str) -> Family:
    return family(engine, Subject("prod", None if kind == "Node" else "shop", kind, name))


def made(kind: str, name: str, message: str, number: int) -> dict[str, Any]:
    return observation(at("09:00"), kind=kind, name=name, message=message, clock_ns=number, source_host=None)


TREE = (
    made("Deployment", "web", "Scaled up replica set web-a to 2", 1),
    made("ReplicaSet", "web-a", "Created pod: web-a-1", 2),
    made("ReplicaSet", "web-a", "Created pod: web-a-2", 3),
    made("HorizontalPodAutoscaler", "web", "New size: 2", 4),
    made("PersistentVolumeClaim", "data", "waiting for pod web-a-1 to be scheduled", 5),
)


def test_the_family_of_an_owner_is_all_below_and_who_scales_it(opened: Open):
    found = kin(opened(*TREE), "Deployment", "web")
    assert found.depth == {
        ("HorizontalPodAutoscaler", "web"): 0,
        ("Deployment", "web"): 1,
        ("ReplicaSet", "web-a"): 2,
        ("Pod", "web-a-1"): 3,
        ("Pod", "web-a-2"): 3,
    } | {("PersistentVolumeClaim", "data"): 2}
    assert found.inferred == {("HorizontalPodAutoscaler", "web")}


def test_the_family_of_a_pod_is_who_owns_it_and_not_its_siblings(opened: Open):
    found = kin(opened(*TREE), "Pod", "web-a-2")
    assert [name for _, name in found.members] == ["web", "web", "web-a", "web-a-2"]
    assert found.concerns("Pod/web-a-2")
    assert not found.concerns("Pod/web-a-1")


def test_owners_in_a_circle_are_a_family_too(opened: Open):
    """Nobody owns its owner, but anybody can write such events."""
    rows = [
        made("ReplicaSet", "web", "Created pod: web-job", 1),
        made("Job", "web-job", "Created pod: web-job", 2),
        made("CronJob", "web", "Created job web-job", 3),
    ]
    assert kin(opened(*rows), "Pod", "web-job").depth[("Pod", "web-job")] >= 1


def test_the_family_of_a_node_is_its_pods(opened: Open):
    engine = opened(observation(at("09:00")), observation(at("09:01"), name="web-2", source_host="node-b"))
    assert kin(engine, "Node", "node-a").depth == {("Node", "node-a"): 0, ("Pod", "web-1"): 1}


@pytest.mark.parametrize("year", [2, 9999])
def test_times_that_nanoseconds_cannot_hold_are_told_all_the_same(year: int, opened: Open):
    far = observation(at("09:30").replace(year=year), clock_ns=None, event_name="web-1.x")
    making = {**far, "kind": "ReplicaSet", "reason": "SuccessfulCreate", "message": "Created pod: web-1"}
    engine = opened(far, making)
    (row,) = rows_of(HistoryInput(POD, events(engine)))
    assert row["reason"] == "Started"
    assert created(engine, POD) == ()
