"""Patterns, with figures calculated by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kevents.errors import UsageError
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.patterns import Patterns, Thresholds, parse_rate
from kevents.result import Result
from tests.observations import NOW, at, colliding_names, observation, write_store

ALL = Thresholds(events=1, rate=0)


def answer(directory: Path, rows: list[dict[str, Any]], patterns: Patterns | None = None, **filters: Any) -> Result:
    return (patterns or Patterns(ALL)).answer(Engine(write_store(directory, rows), Selection(**filters), NOW))


def rows_of(result: Result) -> list[dict[str, Any]]:
    return [row for batch in result.batches for row in batch.to_pylist()]


def single_events(*clocks: str, **columns: Any) -> list[dict[str, Any]]:
    """A separate event at each of the times."""
    return [observation(at(clock), clock_ns=n, name=f"web-{n}", **columns) for n, clock in enumerate(clocks, 1)]


def test_failed_mounts_of_many_pods_are_one_pattern(tmp_path):
    # 41 pods: 25 with 8 and 16 with 7 failures, 312 in all, from 09:00:00 to 09:52:00
    rows = [
        observation(
            at("09:00") + timedelta(minutes=pod + 12),
            first_seen=at("09:00") + timedelta(minutes=pod),
            count=8 if pod < 25 else 7,
            name=f"web-5bb5669766-kr{pod:03}",
            reason="FailedMount",
            type="Warning",
            message=f'MountVolume.SetUp failed for volume "pvc-{pod}" : rpc error: code = Internal',
            source_host=f"node-{pod % 5}",
        )
        for pod in range(41)
    ]
    (row,) = rows_of(answer(tmp_path, rows))
    assert (row["reason"], row["count"], row["objects"], row["nodes"]) == ("FailedMount", 312, 41, 5)
    assert row["message"] == 'MountVolume.SetUp failed for volume "*" : rpc error: code = Internal'
    assert row["sample"] == 'MountVolume.SetUp failed for volume "pvc-40" : rpc error: code = Internal'
    assert (row["first_seen"].replace(microsecond=0), row["last_seen"]) == (at("09:00"), at("09:52"))
    assert row["rate"] == pytest.approx(311 / 52)
    assert row["rhythm"] == "steady"


@pytest.mark.parametrize(
    ("clocks", "rhythm"),
    [
        ("09:00 09:05", None),
        ("09:00 09:05 09:10 09:15", "steady"),  # three intervals are too few
        ("09:00 09:05 09:10:05 09:14:58 09:20", "every ~5m"),
        ("09:00 09:00 09:01 09:01 09:02 09:02 09:03 09:04", "every ~60s"),  # on two pods each time
        ("09:00 09:01 09:09 09:10 09:25 09:27", "steady"),
        ("09:00:00 09:00:10 09:00:59", "burst"),
        ("08:00 09:00 09:00:01 09:00:02 09:00:03 09:00:04 09:00:05 09:00:06 09:00:07", "burst"),
        ("01:00 01:00:01 01:00:02 06:00 06:00:01 11:00 11:00:05", "bursts"),
        ("01:00 03:00 05:00 07:00 09:00 11:00", "every ~2h"),
    ],
)
def test_the_rhythm_follows_from_the_intervals(clocks: str, rhythm: str | None, tmp_path):
    (row,) = rows_of(answer(tmp_path, single_events(*clocks.split())))
    assert row["rhythm"] == rhythm


def test_occurrences_known_from_one_observation_are_not_periodic(tmp_path):
    (row,) = rows_of(answer(tmp_path, [observation(at("09:30"), first_seen=at("09:00"), count=31)]))
    assert (row["count"], row["rate"], row["rhythm"]) == (31, pytest.approx(1), "steady")


def test_occurrences_observed_one_by_one_can_be_periodic(tmp_path):
    rows = [observation(at(f"09:{n * 5:02}"), first_seen=at("09:00"), count=n + 1) for n in range(8)]
    (row,) = rows_of(answer(tmp_path, rows))
    assert (row["count"], row["objects"], row["rhythm"]) == (8, 1, "every ~5m")


def test_the_worst_patterns_come_first_then_the_most_frequent(tmp_path):
    rows = [
        observation(at("09:30"), first_seen=at("09:00"), count=500, name="busy"),
        observation(
            at("09:30"), first_seen=at("09:00"), count=5, reason="BackOff", message="Back-off restarting", name="b"
        ),
        observation(at("09:30"), kind="Node", name="node-a", reason="NodeNotReady", message="Node is not ready"),
    ]
    assert [row["reason"] for row in rows_of(answer(tmp_path, rows))] == ["NodeNotReady", "BackOff", "Started"]


def test_patterns_below_the_thresholds_are_hidden_and_counted(tmp_path):
    rows = [
        *single_events("09:00", "09:01", reason="Twice", message="twice"),
        # 0.25 per minute
        observation(at("09:40"), first_seen=at("09:00"), count=11, reason="Slow", message="slow"),
        # just as rare, but an error
        observation(at("09:40"), first_seen=at("09:00"), count=11, reason="FailedMount", message="no", clock_ns=3),
        observation(at("09:20"), first_seen=at("09:00"), count=21, reason="Fast", message="fast", clock_ns=4),
    ]
    result = answer(tmp_path, rows, Patterns())
    assert [row["reason"] for row in rows_of(result)] == ["FailedMount", "Fast"]
    assert result.notes == ["2 patterns hidden (too few or too slow); show all with --min-events 1 --min-rate 0."]
    assert [row["reason"] for row in rows_of(answer(tmp_path, rows, Patterns(Thresholds(rate=0.5))))] == ["Fast"]
    assert len(rows_of(answer(tmp_path, rows))) == 4


def test_the_rate_threshold_applies_to_the_busiest_minutes(tmp_path):
    # six in each of two incidents: 0.0004 per minute over the weeks, but 0.6 in ten minutes
    rows = [
        observation(at(f"09:0{minute}", day), name=f"web-{day}-{minute}", reason="Odd", message="odd")
        for day in (1, 20)
        for minute in range(6)
    ]
    (row,) = rows_of(answer(tmp_path, rows, Patterns()))
    assert row["busiest"] == pytest.approx(0.6)
    assert row["rate"] < 0.001
    assert row["rhythm"] == "bursts"


def test_only_occurrences_in_the_window_count(tmp_path):
    rows = [observation(at("10:00"), first_seen=at("09:00"), count=61)]
    (row,) = rows_of(answer(tmp_path, rows, since=at("09:45")))
    assert (row["count"], row["first_seen"]) == (16, at("09:45"))


def test_namespaces_kinds_and_clusters_are_separate_patterns_and_pods_are_not(tmp_path):
    rows = [
        *single_events("09:00", "09:01"),
        observation(at("09:02"), namespace="test"),
        observation(at("09:02"), kind="Job", name="j"),
        observation(at("09:02"), cluster="other"),
    ]
    assert [row["count"] for row in rows_of(answer(tmp_path, rows))] == [2, 1, 1, 1]


def test_objects_nodes_and_messages_with_the_same_hash_are_distinguished(tmp_path):
    names = colliding_names()[:2]
    rows = [
        observation(
            at("09:00"), kind="Node", name=name, source_host=name, reason="Rebooted", message=f"{name} is up again"
        )
        for name in names
    ]
    (row,) = rows_of(answer(tmp_path, rows))
    assert (row["count"], row["objects"], row["nodes"]) == (2, 2, 2)
    assert row["message"] == "* is up again", names


def test_a_limit_applies_to_the_patterns_shown(tmp_path):
    rows = [
        observation(at("09:30"), first_seen=at("09:00"), count=n + 30, message=f"m {word}")
        for n, word in enumerate("abc")
    ]
    rows = [row | {"clock_ns": n} for n, row in enumerate(rows)]
    assert [row["count"] for row in rows_of(answer(tmp_path, rows, Patterns(ALL, RowOptions(limit=2))))] == [32, 31]
    assert [row["count"] for row in rows_of(answer(tmp_path, rows, Patterns(ALL, RowOptions("count", 1))))] == [30]


def test_without_events_there_are_no_patterns(tmp_path):
    assert rows_of(Patterns().answer(Engine([], Selection(), NOW))) == []
    odd = observation(
        None, first_seen=None, clock_ns=None, name=None, event_name="odd.1", message=None, reason=None, type=None
    )
    (row,) = rows_of(answer(tmp_path, [odd]))
    assert (row["count"], row["rhythm"], row["message"]) == (1, None, None)


@pytest.mark.parametrize(("text", "rate"), [("0.5/m", 0.5), ("2/s", 120), ("30/h", 0.5), ("3", 3), ("1440/d", 1)])
def test_a_rate_is_parsed_as_per_minute(text: str, rate: float):
    assert parse_rate(text) == pytest.approx(rate)


def test_an_invalid_rate_is_an_error():
    with pytest.raises(UsageError, match='cannot read "fast" as a rate'):
        parse_rate("fast")
