"""The events around a moment, grouped, with their offsets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.anchor import event_named, window_around, worst_event
from kevents.report.timeline import shortened, timeline
from tests.observations import NOW, at, observation, write_store
from tests.report.dumps import answer

MOMENT = at("10:00")
WINDOW = timedelta(minutes=10)


def lines(directory: Path, observations: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    since, until = window_around(MOMENT, WINDOW)
    engine = Engine(write_store(directory, observations), Selection(since=since, until=until), NOW)
    result = timeline(MOMENT, WINDOW, RowOptions()).answer(engine)
    return [row for batch in result.batches for row in batch.to_pylist()]


def brief(row: dict[str, Any]) -> tuple[float, str, int, int]:
    return row["offset"], row["object"], row["objects"], row["times"]


def test_rows_are_sorted_by_time_and_limited_to_the_window(tmp_path):
    rows = [
        observation(at("10:00:05"), name="after"),
        observation(MOMENT, name="now"),
        observation(at("09:59:30"), name="before"),
        observation(at("10:10"), name="last"),
        observation(at("10:10:01"), name="too-late"),
        observation(at("09:49:59"), name="too-early"),
    ]
    assert [brief(row) for row in lines(tmp_path, [{**row, "reason": row["name"]} for row in rows])] == [
        (-30, "Pod/before", 1, 1),
        (0, "Pod/now", 1, 1),
        (5, "Pod/after", 1, 1),
        (600, "Pod/last", 1, 1),
    ]


def test_repeats_on_one_object_are_one_line_with_the_count_in_the_window(tmp_path):
    # one per minute from 09:00 to 11:00: 21 from 09:50 to 10:10
    (row,) = lines(tmp_path, [observation(at("11:00"), first_seen=at("09:00"), count=121)])
    assert brief(row) == (-600, "Pod/web-1", 1, 21)
    assert row["last_offset"] == 600


def test_similar_messages_of_several_objects_at_about_the_same_time_are_one_line(tmp_path):
    rows = [observation(at(f"10:00:{n:02}"), name=f"web-{n}", message=f"Started container web-{n}") for n in range(40)]
    rows.append(observation(at("10:08"), name="web-99", message="Started container web-99"))
    assert [brief(row) for row in lines(tmp_path, rows)] == [(0, "Pod/web-0", 40, 40), (480, "Pod/web-99", 1, 1)]


def test_within_a_second_rows_are_sorted_by_the_clock_in_the_name(tmp_path):
    rows = [
        observation(MOMENT, name=name, reason=name, clock_ns=clock) for name, clock in (("b", 1), ("a", 2), ("c", 3))
    ]
    assert [row["reason"] for row in lines(tmp_path, rows)] == ["b", "a", "c"]


def test_the_worst_event_is_the_newest_of_the_worst_severity(tmp_path):
    rows = [
        observation(at("09:30"), name="early", reason="FailedMount", type="Warning"),
        observation(at("09:45"), name="late", reason="FailedMount", type="Warning", count=10, first_seen=at("09:10")),
        observation(at("10:00"), name="fine"),
    ]
    event = worst_event(Engine(write_store(tmp_path, rows), Selection(), NOW))
    assert event is not None
    assert (event.object, event.severity, event.at) == ("Pod/late", "error", at("09:10"))
    assert event.title() == "FailedMount on Pod/late (error)"


def test_an_event_that_started_before_the_window_starts_with_the_window(tmp_path):
    rows = [observation(at("09:45"), count=10, first_seen=at("09:10"))]
    event = worst_event(Engine(write_store(tmp_path, rows), Selection(since=at("09:20")), NOW))
    assert event is not None and event.at == at("09:20")


def test_an_event_is_found_by_its_name(tmp_path):
    rows = [observation(at("09:45"), clock_ns=None, event_name="web-1.abc"), observation(at("09:50"))]
    engine = Engine(write_store(tmp_path, rows), Selection(), NOW)
    event = event_named(engine, "web-1.abc")
    assert event is not None and event.at == at("09:45")
    assert event_named(engine, "web-1.ab") is None


def test_without_events_there_is_no_worst_event(tmp_path):
    assert worst_event(Engine([], Selection(), NOW)) is None


def test_a_terminal_shows_only_the_worst_and_nearest_lines(tmp_path):
    rows = [
        observation(at("10:00") + timedelta(seconds=n), name=f"p{n}", reason=f"R{n}", type="Normal") for n in range(100)
    ]
    rows.append(observation(at("10:09"), name="bad", reason="NodeNotReady", kind="Node"))
    since, until = window_around(MOMENT, WINDOW)
    engine = Engine(write_store(tmp_path, rows), Selection(since=since, until=until), NOW)
    result = shortened(timeline(MOMENT, WINDOW, RowOptions()).answer(engine))
    objects = [row["object"] for batch in result.batches for row in batch.to_pylist()]
    assert objects == [*(f"Pod/p{n}" for n in range(59)), "Node/bad"]
    assert result.notes == ["41 less important lines hidden; show all with --limit 0."]


# from reading the dumps: dump, flags, a cause, an effect
CASES = [
    # a proxy on the node is OOM-killed 48 s before the node becomes NotReady
    (
        "gke-cluster-info-dump.txt",
        ("--around", "node/ip-172-31-13-4.us-east-2.compute.internal", "--window", "6m"),
        "SystemOOM",
        "TaintManagerEviction",
    ),
    # the new ReplicaSet creates a pod whose image does not exist
    (
        "image-pull-fail.json",
        ("--around", "pod/no-image-deployment-849c4c4958-rxqmt", "--window", "5m"),
        "ScalingReplicaSet",
        "BackOff",
    ),
    # the container is killed by its liveness probe, then in back-off
    ("k3s-cluster-info-dump.txt", ("--around", "pod/kube-vip-slgmj", "--window", "2m"), "Created", "BackOff"),
    ("test-crash.json", ("--around", "pod/crash-loop-app-67586446fc-2w49s", "--window", "1m"), "Pulling", "BackOff"),
    ("pod-init-crashloop.json", ("--around", "pod/init-demo", "--window", "2m"), "Pulling", "BackOff"),
    ("failed-mount.json", ("--around", "pod/failing-liveness-pod", "--window", "5m"), "Scheduled", "Killing"),
]


@pytest.mark.parametrize(("dump", "flags", "cause", "effect"), CASES, ids=[case[0] for case in CASES])
def test_in_a_real_dump_causes_come_before_effects(dump, flags, cause, effect, shared: Path, tmp_path):
    reasons = [row["reason"] for row in answer(shared / "dumps" / "public" / dump, tmp_path, "timeline", *flags)]
    assert cause in reasons and effect in reasons
    assert reasons.index(cause) < reasons.index(effect)
