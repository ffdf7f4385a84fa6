"""The history of an object: incarnations, earlier messages, gaps, the order of causes, the summary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.describe.event import events, incarnations
from kevents.report.describe.family import Family, created, family
from kevents.report.describe.history import HistoryInput, history
from kevents.report.describe.order import in_order
from kevents.report.describe.subject import Subject
from kevents.store.coverage import Span, State
from tests.observations import NOW, at, observation, write_store

POD = Subject("prod", "shop", "Pod", "web-1")
FIRST, SECOND = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"

OpenEngine = Callable[..., Engine]


@pytest.fixture
def open_engine(tmp_path: Path) -> OpenEngine:
    def write_and_open(*rows: dict[str, Any], **filters: Any) -> Engine:
        return Engine(write_store(tmp_path, rows), Selection(**filters), NOW)

    return write_and_open


def rows_of(data: HistoryInput, *, for_people: bool = True) -> list[dict[str, Any]]:
    result = history(data, UTC, for_people=for_people)
    return [row for batch in result.batches for row in batch.to_pylist()]


def summary_of(data: HistoryInput) -> str:
    return history(data, UTC, for_people=True).heading[0]


def event_row(clock: str, number: int, **columns: Any) -> dict[str, Any]:
    """An observation of an event. The number tells events apart."""
    return observation(at(clock), clock_ns=number, **columns)


def test_a_time_range_of_full_hours_is_shown_without_minutes(open_engine: OpenEngine):
    # 4,523 intervals in 17 hours are not an integer number of microseconds
    single = events(open_engine(event_row("22:00", 1, first_seen=at("05:00"), count=4524)))
    assert "seen from 2026-11-20 05:00:00Z to 22:00:00Z (17h), 1 event, 4,524 occurrences" in summary_of(
        HistoryInput(POD, single)
    )


def test_two_uids_are_two_incarnations_shown_one_after_the_other(open_engine: OpenEngine):
    engine = open_engine(
        event_row("09:00", 1, object_uid=FIRST, reason="Started"),
        event_row("09:10", 2, object_uid=FIRST, reason="Killing"),
        event_row("09:20", 3, object_uid=SECOND, reason="Started"),
        event_row("09:21", 4, object_uid=None, reason="TaintManagerEviction"),
    )
    data = HistoryInput(POD, events(engine))
    assert [(row["entry"], row["reason"], row["life"]) for row in rows_of(data)] == [
        ("incarnation", "(incarnation 1 of 2)", None),
        ("event", "Started", 1),
        ("event", "Killing", 1),
        ("incarnation", "(incarnation 2 of 2)", None),
        ("event", "Started", 2),
        ("event", "TaintManagerEviction", 2),
    ]
    assert rows_of(data)[0]["message"] == f"from 2026-11-20 09:00:00Z to 09:10:00Z (10m), uid {FIRST}"
    assert [row["entry"] for row in rows_of(data, for_people=False)] == ["event"] * 4
    assert (
        "4 events, 2 incarnations. Incarnation 1: started, stopped after 10m0s. Incarnation 2: started."
        in summary_of(data)
    )


def test_an_event_without_a_uid_does_not_extend_an_incarnation(open_engine: OpenEngine):
    """Such as TaintManagerEviction, which repeats for days and across all incarnations."""
    rows = [
        event_row("09:00", 1, object_uid=FIRST),
        event_row("09:20", 2, object_uid=SECOND),
        event_row("09:30", 3, object_uid=None, first_seen=at("08:00"), count=3),
    ]
    first, second = incarnations(events(open_engine(*rows)))
    assert (len(first.events), len(second.events)) == (1, 2)
    assert (second.first_seen, second.last_seen) == (at("09:20"), at("09:20"))


@pytest.mark.parametrize("uids", [("node-a", FIRST, None), ("node-a", "node-a", None)])
def test_events_of_a_node_are_one_incarnation_whatever_their_uid(uids, open_engine: OpenEngine):
    rows = [event_row(f"09:0{n}", n, kind="Node", name="node-a", object_uid=uid) for n, uid in enumerate(uids)]
    assert len(incarnations(events(open_engine(*rows)))) == 1


def test_earlier_messages_of_an_event_are_shown_below_it(open_engine: OpenEngine):
    """Each update of an aggregated event replaces its message, so earlier messages are only in earlier observations."""
    prefix = "(combined from similar events): "
    messages = [f'{prefix}Successfully pulled image "a" in {n}s' for n in range(8)]
    rows = [
        event_row(f"09:0{n}", 1, first_seen=at("09:00"), count=n + 1, message=message, reason="Pulled")
        for n, message in enumerate(messages)
    ]
    data = HistoryInput(POD, events(open_engine(*rows)))
    history_rows = rows_of(data)
    assert [row["message"] for row in history_rows] == [
        messages[7],
        *messages[6:1:-1],
        "2 more earlier messages; show all with -o json",
    ]
    assert (history_rows[0]["times"], history_rows[0]["last_seen"], history_rows[0]["rate"]) == (8, at("09:07"), 1.0)
    assert [version["message"] for version in rows_of(data, for_people=False)[0]["messages"]] == messages


def test_the_rate_counts_occurrences_and_a_single_observation_has_no_trend(open_engine: OpenEngine):
    single = event_row("09:30", 1, first_seen=at("09:00"), count=61, reason="BackOff", type="Warning")
    (row,) = rows_of(HistoryInput(POD, events(open_engine(single))))
    assert (row["times"], row["rate"], row["trend"]) == (61, 2.0, None)
    falling = [single, event_row("10:00", 1, first_seen=at("09:00"), count=63, reason="BackOff", type="Warning")]
    (row,) = rows_of(HistoryInput(POD, events(open_engine(*falling))))
    assert (row["times"], row["trend"]) == (63, "falling")


def test_a_gap_in_the_recording_is_shown_between_the_events(open_engine: OpenEngine):
    watched = [("08:00", "09:10"), ("09:40", "11:00"), ("11:30", "12:00")]
    covered = [Span("*", State.WATCHED, at(start), at(end)) for start, end in watched]
    covered.append(Span("*", State.GAP, at("09:10"), at("09:40"), "server", "latest"))
    data = HistoryInput(POD, events(open_engine(event_row("09:00", 1), event_row("10:00", 2))), covered=covered)
    history_rows = rows_of(data)
    assert [row["entry"] for row in history_rows] == ["event", "gap", "event"]
    assert (history_rows[1]["first_seen"], history_rows[1]["last_seen"]) == (at("09:10"), at("09:40"))
    assert history_rows[1]["message"] == "not recorded for 30m (server); updates may be missing"
    assert "not recorded from 2026-11-20 09:10:00Z to" in " ".join(history(data, UTC, for_people=True).heading)


def test_the_summary_has_the_phases_of_a_pod_and_its_worst_event(open_engine: OpenEngine):
    engine = open_engine(
        observation(
            at("09:00"), kind="ReplicaSet", name="web", reason="SuccessfulCreate", message="Created pod: web-1"
        ),
        event_row("09:00:01", 2, reason="Scheduled", message="Successfully assigned shop/web-1 to node-a"),
        event_row(
            "09:00:13", 3, reason="Pulled", message='Successfully pulled image "a" in 11s (12s including waiting)'
        ),
        event_row("09:00:14", 4, reason="Started"),
        event_row(
            "09:05",
            5,
            reason="BackOff",
            type="Warning",
            count=12,
            first_seen=at("09:01"),
            message="Back-off restarting",
        ),
        event_row("09:06", 6, reason="Killing"),
    )
    own = [event for event in events(engine) if event.kind == "Pod"]
    assert summary_of(HistoryInput(POD, own, created=created(engine, POD))) == (
        "Pod shop/web-1 of cluster prod: "
        "seen from 2026-11-20 09:00:01Z to 09:06:00Z (5m59s), 5 events, 16 occurrences. "
        "Scheduled to node-a after 1s, image pulled in 12s, started after 14s, stopped after 6m0s. "
        "Worst: BackOff (error), 12 times, last at 2026-11-20 09:05:00Z."
    )


def test_the_time_of_a_later_start_is_not_shown(open_engine: OpenEngine):
    engine = open_engine(
        event_row("09:00", 1, reason="Scheduled"),
        event_row("09:01", 2, reason="BackOff", message="Back-off restarting failed container", type="Warning"),
        event_row("09:30", 3, reason="Started"),
    )
    assert "Scheduled to node-a, started. Worst" in summary_of(HistoryInput(POD, events(engine)))


def test_an_effect_moves_after_the_event_that_reports_its_cause(open_engine: OpenEngine):
    """Controllers write events after they acted. The clocks in the names are like those in capture-rollout.yaml."""
    message = "Created pod: web-1"
    rows = [
        event_row("09:00", 500, reason="Scheduled"),
        event_row("09:00", 900, kind="ReplicaSet", name="web", reason="SuccessfulCreate", message=message),
        event_row("09:00:03", 1, reason="Started"),
        event_row("09:00:05", 7, reason="Killing"),
        event_row(
            "09:00:05", 9, kind="ReplicaSet", name="web", reason="SuccessfulDelete", message="Deleted pod: web-1"
        ),
    ]
    ordered = in_order(events(open_engine(*rows)), {("ReplicaSet", "web"): 0, ("Pod", "web-1"): 1})
    assert [event.reason for event in ordered] == [
        "SuccessfulCreate",
        "Scheduled",
        "Started",
        "SuccessfulDelete",
        "Killing",
    ]


def test_an_event_more_than_two_seconds_before_another_is_not_its_effect(open_engine: OpenEngine):
    rows = [
        event_row("09:00", 1, reason="Unhealthy"),
        event_row(
            "09:00:05", 2, kind="ReplicaSet", name="web", reason="SuccessfulDelete", message="Deleted pod: web-1"
        ),
        event_row("09:00:04", 3, reason="Killing"),
    ]
    ordered = in_order(events(open_engine(*rows)), {("Pod", "web-1"): 1})
    assert [event.reason for event in ordered] == ["Unhealthy", "SuccessfulDelete", "Killing"]


def family_of(engine: Engine, kind: str, name: str) -> Family:
    return family(engine, Subject("prod", None if kind == "Node" else "shop", kind, name))


def controller_event(kind: str, name: str, message: str, number: int) -> dict[str, Any]:
    return observation(at("09:00"), kind=kind, name=name, message=message, clock_ns=number, source_host=None)


TREE = (
    controller_event("Deployment", "web", "Scaled up replica set web-a to 2", 1),
    controller_event("ReplicaSet", "web-a", "Created pod: web-a-1", 2),
    controller_event("ReplicaSet", "web-a", "Created pod: web-a-2", 3),
    controller_event("HorizontalPodAutoscaler", "web", "New size: 2", 4),
    controller_event("PersistentVolumeClaim", "data", "waiting for pod web-a-1 to be scheduled", 5),
)


def test_the_family_of_an_owner_includes_everything_below_and_its_autoscaler(open_engine: OpenEngine):
    relatives = family_of(open_engine(*TREE), "Deployment", "web")
    assert relatives.depth == {
        ("HorizontalPodAutoscaler", "web"): 0,
        ("Deployment", "web"): 1,
        ("ReplicaSet", "web-a"): 2,
        ("Pod", "web-a-1"): 3,
        ("Pod", "web-a-2"): 3,
    } | {("PersistentVolumeClaim", "data"): 2}
    assert relatives.inferred == {("HorizontalPodAutoscaler", "web")}


def test_the_family_of_a_pod_includes_its_owners_but_not_its_siblings(open_engine: OpenEngine):
    relatives = family_of(open_engine(*TREE), "Pod", "web-a-2")
    assert [name for _, name in relatives.members] == ["web", "web", "web-a", "web-a-2"]
    assert relatives.concerns("Pod/web-a-2")
    assert not relatives.concerns("Pod/web-a-1")


def test_a_cycle_of_owners_is_a_family_too(open_engine: OpenEngine):
    """No object owns its owner, but anyone can write such events."""
    rows = [
        controller_event("ReplicaSet", "web", "Created pod: web-job", 1),
        controller_event("Job", "web-job", "Created pod: web-job", 2),
        controller_event("CronJob", "web", "Created job web-job", 3),
    ]
    assert family_of(open_engine(*rows), "Pod", "web-job").depth[("Pod", "web-job")] >= 1


def test_the_family_of_a_node_includes_its_pods(open_engine: OpenEngine):
    engine = open_engine(observation(at("09:00")), observation(at("09:01"), name="web-2", source_host="node-b"))
    assert family_of(engine, "Node", "node-a").depth == {("Node", "node-a"): 0, ("Pod", "web-1"): 1}


@pytest.mark.parametrize("year", [2, 9999])
def test_times_out_of_range_for_nanoseconds_are_shown(year: int, open_engine: OpenEngine):
    far = observation(at("09:30").replace(year=year), clock_ns=None, event_name="web-1.x")
    creation = {**far, "kind": "ReplicaSet", "reason": "SuccessfulCreate", "message": "Created pod: web-1"}
    engine = open_engine(far, creation)
    (row,) = rows_of(HistoryInput(POD, events(engine)))
    assert row["reason"] == "Started"
    assert created(engine, POD) == ()
