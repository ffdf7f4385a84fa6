"""The counts of a histogram, calculated by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.errors import UsageError
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.histogram.histogram import Histogram
from kevents.store.coverage import ALL, Span, State
from tests.observations import NOW, at, observation, write_store

MINUTE = timedelta(minutes=1)
YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)


def histogram_of(
    directory: Path, observations: list[Mapping[str, Any]], selection: Selection | None = None, **options
) -> Histogram:
    selection = selection or Selection()
    engine = Engine(write_store(directory, observations) if observations else [], selection, NOW)
    return Histogram(engine, selection, NOW, options.pop("zone", UTC), **options)


def rows(histogram: Histogram, missed=(), *, drawn: bool = False) -> list[dict[str, Any]]:
    return [row for batch in histogram.answer(missed, drawn=drawn).batches for row in batch.to_pylist()]


def test_4524_occurrences_over_17_hours_are_4_or_5_per_minute_without_a_spike(tmp_path):
    observations = [observation(at("11:50"), first_seen=at("18:50", day=19), count=4524, reason="BackOff")]
    counted = [row["occurrences"] for row in rows(histogram_of(tmp_path, observations, width=MINUTE))]
    assert sum(counted) == 4524
    assert len(counted) == 17 * 60 + 1
    assert set(counted[:-1]) == {4, 5}
    assert counted[-1] == 1  # the newest, at the end


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 90_000), st.integers(1, 5000)), min_size=1, max_size=5),
    st.integers(1, 200_000),
    st.integers(0, 30),
)
def test_the_sum_over_all_buckets_is_the_count(events, seconds, hours_east):
    zone = timezone(timedelta(hours=hours_east % 27 - 12, minutes=15))
    observations = [
        observation(
            at("11:00") - timedelta(seconds=ago),
            first_seen=at("11:00") - timedelta(seconds=ago + span),
            count=count,
            clock_ns=number,
            reason=f"R{number % 2}",
        )
        for number, (ago, span, count) in enumerate(events)
    ]
    with TemporaryDirectory() as directory:
        counted = rows(
            histogram_of(Path(directory), observations, width=timedelta(seconds=max(seconds, 30)), zone=zone)
        )
    for reason in {row["reason"] for row in counted}:
        expected = sum(count for number, (_, _, count) in enumerate(events) if f"R{number % 2}" == reason)
        assert sum(row["occurrences"] for row in counted if row["reason"] == reason) == expected


def test_days_start_at_local_midnight_also_when_clocks_change(tmp_path):
    # 2026-10-25 has 25 hours in Paris: it starts at 22:00Z the day before and ends at 23:00Z
    days = [datetime(2026, 10, day, 22, tzinfo=UTC) for day in (23, 24)] + [datetime(2026, 10, 25, 23, tzinfo=UTC)]
    instant = timedelta(microseconds=1)
    observations = [
        observation(moment, clock_ns=number, name=f"p{number}")
        for number, moment in enumerate([days[0], days[1] - instant, days[1], days[2] - instant, days[2]])
    ]
    counted = rows(histogram_of(tmp_path, observations, width=timedelta(days=1), zone=ZoneInfo("Europe/Paris")))
    assert [(row["start"], row["occurrences"]) for row in counted] == [(days[0], 2), (days[1], 2), (days[2], 1)]


def test_occurrences_are_counted_per_day_when_days_differ_in_length(tmp_path):
    # one per hour, on the half hour, from the 24th to the 26th in Paris: 24, 25 and 24 hours
    first = datetime(2026, 10, 23, 22, 30, tzinfo=UTC)
    observations = [observation(first + timedelta(hours=72), first_seen=first, count=73)]
    counted = rows(histogram_of(tmp_path, observations, width=timedelta(days=1), zone=ZoneInfo("Europe/Paris")))
    assert [row["occurrences"] for row in counted] == [24, 25, 24]


@pytest.mark.parametrize(
    ("since", "until", "width"),
    [
        ("09:00", "12:00", timedelta(minutes=10)),
        ("11:59", "12:00", timedelta(seconds=2)),
        ("00:00", "12:00", timedelta(minutes=30)),
    ],
)
def test_the_automatic_width_is_round_and_results_in_about_30_buckets(since, until, width, tmp_path):
    window = Selection(since=at(since), until=at(until))
    edges = histogram_of(tmp_path, [observation(at("11:59:30"))], window).edges
    assert edges[1] - edges[0] == width
    assert edges[0] <= at(since) and at(until) <= edges[-1]
    assert len(edges) - 1 <= 31


def test_only_occurrences_in_the_window_count_and_buckets_stay_aligned(tmp_path):
    observations = [observation(at("11:00"), first_seen=at("10:00"), count=61)]  # one per minute
    counted = rows(
        histogram_of(tmp_path, observations, Selection(since=at("10:07"), until=at("10:21")), width=10 * MINUTE)
    )
    assert [(row["start"], row["occurrences"]) for row in counted] == [
        (at("10:00"), 3),
        (at("10:10"), 10),
        (at("10:20"), 1),
    ]


def test_series_beyond_the_top_are_other_and_severities_are_ordered(tmp_path):
    observations = [
        observation(at("10:00"), reason=reason, count=count, clock_ns=number, first_seen=at("10:00"))
        for number, (reason, count) in enumerate([("A", 5), ("B", 4), ("C", 3), ("D", 2), ("Scheduled", 1)])
    ]
    observations.append(observation(at("10:00"), reason="NodeNotReady", kind="Node", clock_ns=9))
    top = rows(histogram_of(tmp_path, observations, width=MINUTE, top=2))
    assert [(row["reason"], row["occurrences"]) for row in top] == [("A", 5), ("B", 4), ("other", 7)]
    by_severity = rows(histogram_of(tmp_path, observations, width=MINUTE, by="severity"))
    assert (by_severity[0]["severity"], by_severity[-1]["severity"]) == ("critical", "info")


def test_a_single_series_beyond_the_top_is_shown_itself(tmp_path):
    observations = [observation(at("10:00"), reason=reason, clock_ns=number) for number, reason in enumerate("ABC")]
    assert {row["reason"] for row in rows(histogram_of(tmp_path, observations, width=MINUTE, top=2))} == {"A", "B", "C"}


def test_time_without_a_recorder_is_a_gap_and_not_an_empty_bar(tmp_path):
    observations = [observation(at("10:01"), name="a"), observation(at("10:41"), name="b")]
    missed = [Span(ALL, State.GAP, at("10:10"), at("10:20")), Span(ALL, State.GAP, at("10:18"), at("10:35"))]
    histogram = histogram_of(tmp_path, observations, width=10 * MINUTE)
    assert [row["missed"] for row in rows(histogram, missed)] == [0, 100, 100, 50, 0]
    drawn = rows(histogram, missed, drawn=True)
    assert [row["bar"] for row in drawn] == [[1], None, None, [0], [1]]
    assert [row["coverage"] for row in drawn] == ["", "not recorded", "not recorded", "50% not recorded", ""]


def test_occurrences_known_from_a_gap_are_drawn_in_it(tmp_path):
    observations = [observation(at("10:29:59"), first_seen=at("10:00"), count=30)]
    missed = [Span(ALL, State.GAP, at("10:10"), at("10:20"))]
    drawn = rows(histogram_of(tmp_path, observations, width=10 * MINUTE), missed, drawn=True)
    assert [row["occurrences"] for row in drawn] == [10, 10, 10]
    assert drawn[1]["coverage"] == "not recorded"


def test_occurrences_with_impossible_times_are_omitted_with_a_note(tmp_path):
    observations = [
        observation(None, first_seen=None, clock_ns=None, name="x", event_name="x.1"),
        observation(at("10:00"), first_seen=YEAR_ONE, count=3, name="y", clock_ns=None, event_name="y.1"),
        observation(at("10:00"), name="z"),
    ]
    histogram = histogram_of(tmp_path, observations, width=MINUTE)
    answer = histogram.answer([], drawn=False)
    assert sum(row["occurrences"] for batch in answer.batches for row in batch.to_pylist()) == 2
    assert answer.notes == ["3 occurrences with missing or impossible times omitted."]


def test_no_event_and_one_event_have_a_result(tmp_path):
    assert rows(histogram_of(tmp_path, [])) == []
    assert rows(histogram_of(tmp_path, []), drawn=True) == []
    (row,) = rows(histogram_of(tmp_path, [observation(at("10:00"))]))
    assert (row["start"], row["occurrences"], row["reason"]) == (at("10:00"), 1, "Started")


def test_the_busiest_bucket_is_found(tmp_path):
    observations = [observation(at(f"10:0{n}"), name=f"p{n}", count=n + 1, first_seen=at(f"10:0{n}")) for n in range(4)]
    histogram = histogram_of(tmp_path, observations, width=2 * MINUTE)
    assert histogram.busiest_bucket(histogram.answer([], drawn=True)) == (at("10:02"), at("10:04"))


@pytest.mark.parametrize(
    ("width", "message"),
    [(timedelta(0), "must be greater than zero"), (timedelta(seconds=1), "too many buckets .86,400.")],
)
def test_an_invalid_bucket_size_is_an_error(width, message, tmp_path):
    window = Selection(since=at("12:00", day=19), until=at("12:00"))
    with pytest.raises(UsageError, match=message):
        _ = histogram_of(tmp_path, [], window, width=width).edges


def test_the_printed_sql_runs_unchanged(tmp_path):
    observations = [observation(at("10:00"), count=7, first_seen=at("09:00"))]
    histogram = histogram_of(tmp_path, observations, width=10 * MINUTE, by="type")
    printed = [row for batch in histogram.engine.batches(histogram.question.shown_sql) for row in batch.to_pylist()]
    assert [row["occurrences"] for row in printed] == [row["occurrences"] for row in rows(histogram)]
