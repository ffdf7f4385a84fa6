"""Changes between two windows or two clusters, with counts calculated by hand."""

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


def answer(directory: Path, observations: list[Mapping[str, Any]], /, **options: Any) -> Result:
    before, after = options.pop("before", BEFORE), options.pop("after", AFTER)
    engine = Engine(write_store(directory, observations), Selection(since=before.since, until=after.until), NOW)
    return Diff(before, after, **options).answer(engine)


def changes(result: Result) -> dict[str, tuple[Any, ...]]:
    """Change, counts and factor by reason."""
    return {
        row["reason"]: (row["change"], row["before"], row["after"], row["factor"])
        for batch in result.batches
        for row in batch.to_pylist()
    }


def repeated(count: int, clock: str, until: str, reason: str, **columns: Any) -> dict[str, Any]:
    """An observation of an event with this count, first and last seen at these times."""
    values = {**FAILED, "name": reason.lower(), "reason": reason, **columns}
    return observation(at(until), first_seen=at(clock), count=count, **values)


def test_a_change_is_new_gone_more_or_less(tmp_path):
    rows = [
        repeated(5, "11:00", "11:40", "FailedMount"),
        repeated(5, "10:00", "10:40", "FailedAttachVolume"),
        repeated(10, "10:00", "10:54", "BackOff"),
        repeated(40, "11:00", "11:58:30", "BackOff", clock_ns=2),
        repeated(40, "10:00", "10:58:30", "Unhealthy"),
        repeated(10, "11:00", "11:54", "Unhealthy", clock_ns=2),
    ]
    assert changes(answer(tmp_path, rows, by="reason")) == {
        "FailedMount": ("new", 0, 5, None),
        "FailedAttachVolume": ("gone", 5, 0, None),
        "BackOff": ("more", 10, 40, 4),
        "Unhealthy": ("less", 40, 10, 0.25),
    }


def test_occurrences_of_one_event_count_on_the_side_where_they_occurred(tmp_path):
    # one per minute from 10:30 to 11:30: 30 before 11:00, 31 from 11:00 on
    rows = [repeated(61, "10:30", "11:30", "FailedMount")]
    result = answer(tmp_path, rows, by="reason", everything=True)
    assert changes(result) == {"FailedMount": ("same", 30, 31, 1.03)}


def test_changes_that_are_not_significant_are_hidden_and_counted(tmp_path):
    rows = [
        # 10 and 19 differ by less than two standard deviations; 400 and 500 by more, but by a factor below 1.5
        repeated(10, "10:00", "10:54", "Unhealthy"),
        repeated(19, "11:00", "11:54", "Unhealthy", clock_ns=2),
        repeated(400, "10:00", "10:59", "BackOff"),
        repeated(500, "11:00", "11:59", "BackOff", clock_ns=2),
        repeated(3, "11:00", "11:59", "Pulled", type="Normal"),
    ]
    result = answer(tmp_path, rows, by="reason")
    assert changes(result) == {}
    assert result.empty == "No significant changes."
    assert result.notes == ["3 more without a significant change; show with --all."]
    everything = answer(tmp_path, rows, by="reason", everything=True)
    assert {reason: values[0] for reason, values in changes(everything).items()} == {
        "Unhealthy": "same",
        "BackOff": "same",
        "Pulled": "new",
    }
    assert everything.notes == []


def test_a_problem_that_starts_or_stops_is_reported_even_if_it_occurred_once(tmp_path):
    rows = [repeated(1, "11:30", "11:30", "FailedMount"), repeated(1, "10:30", "10:30", "Evicted")]
    assert changes(answer(tmp_path, rows, by="reason")) == {
        "FailedMount": ("new", 0, 1, None),
        "Evicted": ("gone", 1, 0, None),
    }


def test_rates_use_only_covered_time(tmp_path):
    # the same count, but a quarter of the covered time: four times the rate
    rows = [repeated(20, "10:00", "10:57", "BackOff"), repeated(20, "11:45", "11:59", "BackOff", clock_ns=2)]
    result = answer(tmp_path, rows, by="reason", after=Side(at("11:00"), at("12:00"), HOUR / 4))
    (row,) = (row for batch in result.batches for row in batch.to_pylist())
    assert (row["change"], row["factor"]) == ("more", 4)
    assert (round(row["rate_before"], 3), round(row["rate_after"], 3)) == (round(20 / 60, 3), round(20 / 15, 3))
    # counts alone would mislead, so the rates are shown; if both sides are covered equally long, they are optional
    shows = {column.name: column.show for column in result.columns}
    assert shows["rate_before"] is shows["rate_after"] is Show.TABLE
    equally_long = {column.name: column.show for column in answer(tmp_path, rows).columns}
    assert equally_long["rate_before"] is equally_long["rate_after"] is Show.ROOMY


def test_similar_messages_of_several_pods_in_a_namespace_are_one_pattern(tmp_path):
    mount = 'MountVolume.SetUp failed for volume "{}": configmap "cfg" not found'
    rows = [repeated(1, "11:30", "11:30", "FailedMount", name=f"web-{n}", message=mount.format(n)) for n in range(41)]
    rows += [repeated(1, "11:30", "11:30", "FailedMount", name="web-1", namespace="pay", message=mount.format(7))]
    found = [row for batch in answer(tmp_path, rows).batches for row in batch.to_pylist()]
    assert [(row["namespace"], row["after"], row["objects"]) for row in found] == [("shop", 41, 41), ("pay", 1, 1)]
    assert found[0]["pattern"] == 'MountVolume.SetUp failed for volume "*": configmap "*" not found'
    assert found[1]["pattern"] == mount.format(7)


def test_increases_come_first_and_a_severity_level_weighs_as_much_as_a_doubling(tmp_path):
    rows = [
        repeated(90, "10:00", "10:59", "FailedMount"),  # gone
        repeated(9, "11:00", "11:59", "Pulled", type="Normal"),  # new, but routine
        repeated(5, "11:00", "11:59", "BackOff"),
        repeated(30, "11:00", "11:59", "FailedAttachVolume"),
    ]
    assert list(changes(answer(tmp_path, rows, by="reason"))) == [
        "FailedAttachVolume",
        "BackOff",
        "Pulled",
        "FailedMount",
    ]


def test_clusters_are_compared_by_rates_over_their_covered_time(tmp_path):
    rows = [
        repeated(30, "10:00", "10:59", "BackOff", cluster="prod"),
        repeated(30, "10:00", "10:59", "BackOff", cluster="test"),
        repeated(9, "10:00", "10:59", "FailedMount", cluster="test"),
    ]
    sides = {"before": Side(None, None, 10 * HOUR, "prod"), "after": Side(None, None, HOUR, "test")}
    result = answer(tmp_path, rows, by="reason", **sides)
    assert changes(result) == {"BackOff": ("more", 30, 30, 10), "FailedMount": ("new", 0, 9, None)}
    assert {"prod", "test"} <= {column.header for column in result.columns}


@pytest.mark.parametrize(
    "by",
    ["pattern", "reason", "kind", "namespace", "object", "node", "component", "type", "severity", "category", "image"],
)
def test_changes_can_be_grouped_by_each_column(by: str, tmp_path):
    rows = [repeated(9, "11:00", "11:59", "Failed", message='Failed to pull image "nginx:1": no')]
    result = answer(tmp_path, rows, by=by)
    (row,) = (row for batch in result.batches for row in batch.to_pylist())
    assert (row["change"], row["after"]) == ("new", 9)
    assert row[by] is not None
    names = [column.name for column in result.columns]
    assert names.count(by) == 1
    assert sum(batch.num_columns for batch in result.batches) == len(names)


def test_objects_with_the_same_hash_are_counted_separately(tmp_path):
    rows = [observation(at("11:30"), **FAILED | {"kind": "Node", "name": name}) for name in colliding_names()]
    (row,) = (row for batch in answer(tmp_path, rows, by="reason").batches for row in batch.to_pylist())
    assert (row["after"], row["objects"]) == (42, 42)


def test_a_limit_is_applied_and_a_terminal_has_one_by_default(tmp_path):
    rows = [repeated(9, "11:00", "11:59", f"Failed{n}") for n in range(60)]
    assert len(changes(answer(tmp_path, rows, by="reason", rows=RowOptions(limit=7)))) == 7
    shown = answer(tmp_path, rows, by="reason", capped=True)
    assert len(changes(shown)) == 50
    assert shown.notes == ["Showing the first 50 rows; use --limit N, or --limit 0 for all."]


def test_rows_can_be_sorted_and_grouped_only_by_known_columns(tmp_path):
    rows = [repeated(9, "11:00", "11:59", "Failed"), repeated(20, "11:00", "11:59", "BackOff")]
    assert list(changes(answer(tmp_path, rows, by="reason", rows=RowOptions(sort_by="after")))) == ["Failed", "BackOff"]
    with pytest.raises(UsageError, match='cannot sort by "color"'):
        answer(tmp_path, rows, rows=RowOptions(sort_by="color"))
    with pytest.raises(UsageError, match='cannot group by "color"'):
        answer(tmp_path, rows, by="color")


def test_without_events_the_result_is_empty(tmp_path):
    result = answer(tmp_path, [])
    assert (changes(result), result.empty, result.notes) == ({}, Result.empty, [])


def test_counts_of_a_real_dump_match_an_independent_calculation(shared: Path, tmp_path):
    # calculated independently: each event's count spread evenly from its first to its last time
    windows = ("--before", "2022-08-03T14:50Z..2022-08-03T15:10Z", "--after", "2022-08-03T15:10Z..2022-08-03T15:30Z")
    dump = shared / "dumps" / "public" / "gke-cluster-info-dump.txt"
    found = dump_answer(dump, tmp_path, "diff", *windows, "--by", "reason", "--all")
    counts = {row["reason"]: (row["change"], row["before"], row["after"]) for row in found}
    assert found[0]["reason"] == "NodeNotReady"  # a node ran out of memory and failed, with its ten pods
    assert counts.items() >= {
        ("NodeNotReady", ("new", 0, 10)),
        ("SystemOOM", ("new", 0, 1)),
        ("FailedScheduling", ("gone", 199, 0)),
        ("Scheduled", ("less", 17, 1)),
        ("Started", ("same", 20, 20)),
    }
