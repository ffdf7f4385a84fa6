"""What changed between two windows, or differs between two clusters: counts by hand, and noise that stays below."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kevents.errors import UsageError
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.diff.diff import Diff, Side
from kevents.result import Result, Show
from tests.observations import NOW, at, colliding_names, observation, write_store
from tests.report.dumps import answer as dump_answer

HOUR = timedelta(hours=1)
BEFORE, AFTER = Side(at("10:00"), at("11:00"), HOUR), Side(at("11:00"), at("12:00"), HOUR)
FAILED = {"type": "Warning", "reason": "FailedMount", "message": "no volume"}


def answer(directory: Path, observations: list[Mapping[str, Any]], /, **told: Any) -> Result:
    before, after = told.pop("before", BEFORE), told.pop("after", AFTER)
    engine = Engine(write_store(directory, observations), Selection(since=before.since, until=after.until), NOW)
    return Diff(before, after, **told).answer(engine)


def changes(result: Result) -> dict[str, tuple[Any, ...]]:
    """Change, counts and factor by reason."""
    return {
        row["reason"]: (row["change"], row["before"], row["after"], row["factor"])
        for batch in result.batches
        for row in batch.to_pylist()
    }


def times(count: int, clock: str, until: str, reason: str, **columns: Any) -> dict[str, Any]:
    """An event that happened so often, evenly from one time to another."""
    told = {**FAILED, "name": reason.lower(), "reason": reason, **columns}
    return observation(at(until), first_seen=at(clock), count=count, **told)


def test_what_is_new_gone_more_and_less_is_told_apart(tmp_path):
    rows = [
        times(5, "11:00", "11:40", "FailedMount"),
        times(5, "10:00", "10:40", "FailedAttachVolume"),
        times(10, "10:00", "10:54", "BackOff"),
        times(40, "11:00", "11:58:30", "BackOff", clock_ns=2),
        times(40, "10:00", "10:58:30", "Unhealthy"),
        times(10, "11:00", "11:54", "Unhealthy", clock_ns=2),
    ]
    assert changes(answer(tmp_path, rows, by="reason")) == {
        "FailedMount": ("new", 0, 5, None),
        "FailedAttachVolume": ("gone", 5, 0, None),
        "BackOff": ("more", 10, 40, 4),
        "Unhealthy": ("less", 40, 10, 0.25),
    }


def test_repeats_of_one_event_count_where_they_happened(tmp_path):
    # one a minute from 10:30 to 11:30: 30 before 11:00, 31 from then on
    rows = [times(61, "10:30", "11:30", "FailedMount")]
    result = answer(tmp_path, rows, by="reason", everything=True)
    assert changes(result) == {"FailedMount": ("same", 30, 31, 1.03)}


def test_what_chance_explains_is_left_out_and_counted(tmp_path):
    rows = [
        # 10 and 19 are less than two standard deviations apart, 400 and 500 more, but not by half
        times(10, "10:00", "10:54", "Unhealthy"),
        times(19, "11:00", "11:54", "Unhealthy", clock_ns=2),
        times(400, "10:00", "10:59", "BackOff"),
        times(500, "11:00", "11:59", "BackOff", clock_ns=2),
        times(3, "11:00", "11:59", "Pulled", type="Normal"),
    ]
    result = answer(tmp_path, rows, by="reason")
    assert changes(result) == {}
    assert result.empty == "Nothing changed beyond chance."
    assert result.notes == ["3 more did not change beyond chance: --all shows them."]
    everything = answer(tmp_path, rows, by="reason", everything=True)
    assert {reason: told[0] for reason, told in changes(everything).items()} == {
        "Unhealthy": "same",
        "BackOff": "same",
        "Pulled": "new",
    }
    assert everything.notes == []


def test_trouble_that_began_or_ended_is_told_even_if_it_was_once(tmp_path):
    rows = [times(1, "11:30", "11:30", "FailedMount"), times(1, "10:30", "10:30", "Evicted")]
    assert changes(answer(tmp_path, rows, by="reason")) == {
        "FailedMount": ("new", 0, 1, None),
        "Evicted": ("gone", 1, 0, None),
    }


def test_rates_are_of_the_time_of_which_something_is_known(tmp_path):
    # as many in a quarter of an hour that was watched as in an hour: four times as often
    rows = [times(20, "10:00", "10:57", "BackOff"), times(20, "11:45", "11:59", "BackOff", clock_ns=2)]
    result = answer(tmp_path, rows, by="reason", after=Side(at("11:00"), at("12:00"), HOUR / 4))
    (row,) = (row for batch in result.batches for row in batch.to_pylist())
    assert (row["change"], row["factor"]) == ("more", 4)
    assert (round(row["rate_before"], 3), round(row["rate_after"], 3)) == (round(20 / 60, 3), round(20 / 15, 3))
    # counts would mislead: people see the rates, which they do not need where both were watched as long
    shows = {column.name: column.show for column in result.columns}
    assert shows["rate_before"] is shows["rate_after"] is Show.TABLE
    alike = {column.name: column.show for column in answer(tmp_path, rows).columns}
    assert alike["rate_before"] is alike["rate_after"] is Show.ROOMY


def test_a_pattern_is_one_message_of_many_pods_in_a_namespace(tmp_path):
    mount = 'MountVolume.SetUp failed for volume "{}": configmap "cfg" not found'
    rows = [times(1, "11:30", "11:30", "FailedMount", name=f"web-{n}", message=mount.format(n)) for n in range(41)]
    rows += [times(1, "11:30", "11:30", "FailedMount", name="web-1", namespace="pay", message=mount.format(7))]
    found = [row for batch in answer(tmp_path, rows).batches for row in batch.to_pylist()]
    assert [(row["namespace"], row["after"], row["objects"]) for row in found] == [("shop", 41, 41), ("pay", 1, 1)]
    assert found[0]["pattern"] == 'MountVolume.SetUp failed for volume "*": configmap "*" not found'
    assert found[1]["pattern"] == mount.format(7)


def test_what_rose_comes_first_and_severity_weighs_like_doublings(tmp_path):
    rows = [
        times(90, "10:00", "10:59", "FailedMount"),  # gone
        times(9, "11:00", "11:59", "Pulled", type="Normal"),  # new, but routine
        times(5, "11:00", "11:59", "BackOff"),
        times(30, "11:00", "11:59", "FailedAttachVolume"),
    ]
    assert list(changes(answer(tmp_path, rows, by="reason"))) == [
        "FailedAttachVolume",
        "BackOff",
        "Pulled",
        "FailedMount",
    ]


def test_a_cluster_is_compared_with_another_by_how_long_each_was_watched(tmp_path):
    rows = [
        times(30, "10:00", "10:59", "BackOff", cluster="prod"),
        times(30, "10:00", "10:59", "BackOff", cluster="test"),
        times(9, "10:00", "10:59", "FailedMount", cluster="test"),
    ]
    sides = {"before": Side(None, None, 10 * HOUR, "prod"), "after": Side(None, None, HOUR, "test")}
    result = answer(tmp_path, rows, by="reason", **sides)
    assert changes(result) == {"BackOff": ("more", 30, 30, 10), "FailedMount": ("new", 0, 9, None)}
    assert {"prod", "test"} <= {column.header for column in result.columns}


@pytest.mark.parametrize(
    "by",
    ["pattern", "reason", "kind", "namespace", "object", "node", "component", "type", "severity", "category", "image"],
)
def test_everything_can_be_compared_by_each_column(by: str, tmp_path):
    rows = [times(9, "11:00", "11:59", "Failed", message='Failed to pull image "nginx:1": no')]
    result = answer(tmp_path, rows, by=by)
    (row,) = (row for batch in result.batches for row in batch.to_pylist())
    assert (row["change"], row["after"]) == ("new", 9)
    assert row[by] is not None
    names = [column.name for column in result.columns]
    assert names.count(by) == 1
    assert sum(batch.num_columns for batch in result.batches) == len(names)


def test_objects_that_hash_alike_are_counted_apart(tmp_path):
    rows = [observation(at("11:30"), **FAILED | {"kind": "Node", "name": name}) for name in colliding_names()]
    (row,) = (row for batch in answer(tmp_path, rows, by="reason").batches for row in batch.to_pylist())
    assert (row["after"], row["objects"]) == (42, 42)


def test_a_limit_is_kept_and_a_screen_gets_no_more_than_it_can_hold(tmp_path):
    rows = [times(9, "11:00", "11:59", f"Failed{n}") for n in range(60)]
    assert len(changes(answer(tmp_path, rows, by="reason", rows=RowOptions(limit=7)))) == 7
    shown = answer(tmp_path, rows, by="reason", capped=True)
    assert len(changes(shown)) == 50
    assert shown.notes == ["Showing the first 50 rows; use --limit N, or --limit 0 for all."]


def test_it_sorts_by_its_columns_and_by_no_other(tmp_path):
    rows = [times(9, "11:00", "11:59", "Failed"), times(20, "11:00", "11:59", "BackOff")]
    assert list(changes(answer(tmp_path, rows, by="reason", rows=RowOptions(sort_by="after")))) == ["Failed", "BackOff"]
    with pytest.raises(UsageError, match='cannot sort by "colour"'):
        answer(tmp_path, rows, rows=RowOptions(sort_by="colour"))
    with pytest.raises(UsageError, match='cannot count by "colour"'):
        answer(tmp_path, rows, by="colour")


def test_nothing_at_all_is_an_answer(tmp_path):
    result = answer(tmp_path, [])
    assert (changes(result), result.empty, result.notes) == ({}, Result.empty, [])


def test_counts_of_a_real_dump_are_those_that_its_own_numbers_give(shared: Path, tmp_path):
    # counted apart from this program: each event's count spread evenly from its first to its last time
    windows = ("--before", "2022-08-03T14:50Z..2022-08-03T15:10Z", "--after", "2022-08-03T15:10Z..2022-08-03T15:30Z")
    dump = shared / "dumps" / "public" / "gke-cluster-info-dump.txt"
    found = dump_answer(dump, tmp_path, "diff", *windows, "--by", "reason", "--all")
    counts = {row["reason"]: (row["change"], row["before"], row["after"]) for row in found}
    assert found[0]["reason"] == "NodeNotReady"  # a node ran out of memory and was lost, with its ten pods
    assert counts.items() >= {
        ("NodeNotReady", ("new", 0, 10)),
        ("SystemOOM", ("new", 0, 1)),
        ("FailedScheduling", ("gone", 199, 0)),
        ("Scheduled", ("less", 17, 1)),
        ("Started", ("same", 20, 20)),
    }
