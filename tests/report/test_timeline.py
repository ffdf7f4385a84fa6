"""What lies around a moment, folded, with its distance from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.anchor import around, named, worst
from kevents.report.timeline import shortened, timeline
from tests.observations import NOW, at, observation, write_store
from tests.report.dumps import answer

MOMENT = at("10:00")
WINDOW = timedelta(minutes=10)


def lines(directory: Path, observations: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    since, until = around(MOMENT, WINDOW)
    engine = Engine(write_store(directory, observations), Selection(since=since, until=until), NOW)
    result = timeline(MOMENT, WINDOW, RowOptions()).answer(engine)
    return [row for batch in result.batches for row in batch.to_pylist()]


def told(row: dict[str, Any]) -> tuple[float, str, int, int]:
    return row["offset"], row["object"], row["objects"], row["times"]


def test_what_happened_before_stands_above_what_happened_after(tmp_path):
    rows = [
        observation(at("10:00:05"), name="after"),
        observation(MOMENT, name="now"),
        observation(at("09:59:30"), name="before"),
        observation(at("10:10"), name="last"),
        observation(at("10:10:01"), name="too-late"),
        observation(at("09:49:59"), name="too-early"),
    ]
    assert [told(row) for row in lines(tmp_path, [{**row, "reason": row["name"]} for row in rows])] == [
        (-30, "Pod/before", 1, 1),
        (0, "Pod/now", 1, 1),
        (5, "Pod/after", 1, 1),
        (600, "Pod/last", 1, 1),
    ]


def test_repeats_of_an_object_are_a_line_with_what_the_window_holds_of_them(tmp_path):
    # one a minute from 09:00 to 11:00: 21 from 09:50 to 10:10
    (row,) = lines(tmp_path, [observation(at("11:00"), first_seen=at("09:00"), count=121)])
    assert told(row) == (-600, "Pod/web-1", 1, 21)
    assert row["last_offset"] == 600


def test_the_same_of_many_objects_at_nearly_the_same_time_is_a_line(tmp_path):
    rows = [observation(at(f"10:00:{n:02}"), name=f"web-{n}", message=f"Started container web-{n}") for n in range(40)]
    rows.append(observation(at("10:08"), name="web-99", message="Started container web-99"))
    assert [told(row) for row in lines(tmp_path, rows)] == [(0, "Pod/web-0", 40, 40), (480, "Pod/web-99", 1, 1)]


def test_within_a_second_the_clock_in_the_name_decides(tmp_path):
    rows = [
        observation(MOMENT, name=name, reason=name, clock_ns=clock) for name, clock in (("b", 1), ("a", 2), ("c", 3))
    ]
    assert [row["reason"] for row in lines(tmp_path, rows)] == ["b", "a", "c"]


def test_the_worst_event_is_taken_and_of_equals_the_newest(tmp_path):
    rows = [
        observation(at("09:30"), name="early", reason="FailedMount", type="Warning"),
        observation(at("09:45"), name="late", reason="FailedMount", type="Warning", count=10, first_seen=at("09:10")),
        observation(at("10:00"), name="fine"),
    ]
    found = worst(Engine(write_store(tmp_path, rows), Selection(), NOW))
    assert found is not None
    assert (found.object, found.severity, found.at) == ("Pod/late", "error", at("09:10"))
    assert found.told() == "FailedMount of Pod/late (error)"


def test_a_window_cuts_where_an_event_begins(tmp_path):
    rows = [observation(at("09:45"), count=10, first_seen=at("09:10"))]
    found = worst(Engine(write_store(tmp_path, rows), Selection(since=at("09:20")), NOW))
    assert found is not None and found.at == at("09:20")


def test_an_event_is_found_by_its_name(tmp_path):
    rows = [observation(at("09:45"), clock_ns=None, event_name="web-1.abc"), observation(at("09:50"))]
    engine = Engine(write_store(tmp_path, rows), Selection(), NOW)
    found = named(engine, "web-1.abc")
    assert found is not None and found.at == at("09:45")
    assert named(engine, "web-1.ab") is None


def test_nothing_has_no_worst_event(tmp_path):
    assert worst(Engine([], Selection(), NOW)) is None


def test_a_screen_gets_the_worst_and_the_nearest_in_their_order(tmp_path):
    rows = [
        observation(at("10:00") + timedelta(seconds=n), name=f"p{n}", reason=f"R{n}", type="Normal") for n in range(100)
    ]
    rows.append(observation(at("10:09"), name="bad", reason="NodeNotReady", kind="Node"))
    since, until = around(MOMENT, WINDOW)
    engine = Engine(write_store(tmp_path, rows), Selection(since=since, until=until), NOW)
    short = shortened(timeline(MOMENT, WINDOW, RowOptions()).answer(engine))
    shown = [row["object"] for batch in short.batches for row in batch.to_pylist()]
    assert shown == [*(f"Pod/p{n}" for n in range(59)), "Node/bad"]
    assert short.notes == ["41 lines of less weight are left out: --limit 0 shows all."]


# read by hand: (dump, what to look around, what led to it, what followed)
STORIES = [
    # the node's proxy is killed for memory 48 s before it goes NotReady
    (
        "gke-cluster-info-dump.txt",
        ("--around", "node/ip-172-31-13-4.us-east-2.compute.internal", "--window", "6m"),
        "SystemOOM",
        "TaintManagerEviction",
    ),
    # the scaled-up set makes a pod whose image is not there
    (
        "image-pull-fail.json",
        ("--around", "pod/no-image-deployment-849c4c4958-rxqmt", "--window", "5m"),
        "ScalingReplicaSet",
        "BackOff",
    ),
    # the container is killed by its liveness probe, then kept from starting
    ("k3s-cluster-info-dump.txt", ("--around", "pod/kube-vip-slgmj", "--window", "2m"), "Created", "BackOff"),
    ("test-crash.json", ("--around", "pod/crash-loop-app-67586446fc-2w49s", "--window", "1m"), "Pulling", "BackOff"),
    ("pod-init-crashloop.json", ("--around", "pod/init-demo", "--window", "2m"), "Pulling", "BackOff"),
    ("failed-mount.json", ("--around", "pod/failing-liveness-pod", "--window", "5m"), "Scheduled", "Killing"),
]


@pytest.mark.parametrize(("dump", "flags", "cause", "effect"), STORIES, ids=[story[0] for story in STORIES])
def test_the_story_of_a_real_dump_is_told_in_its_order(dump, flags, cause, effect, shared: Path, tmp_path):
    reasons = [row["reason"] for row in answer(shared / "dumps" / "public" / dump, tmp_path, "timeline", *flags)]
    assert cause in reasons and effect in reasons
    assert reasons.index(cause) < reasons.index(effect)
