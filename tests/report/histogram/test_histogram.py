"""What a histogram counts, by hand."""

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
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def asked(
    directory: Path, observations: list[Mapping[str, Any]], selection: Selection | None = None, **told
) -> Histogram:
    chosen = selection or Selection()
    engine = Engine(write_store(directory, observations) if observations else [], chosen, NOW)
    return Histogram(engine, chosen, NOW, told.pop("zone", UTC), **told)


def rows(histogram: Histogram, missed=(), *, drawn: bool = False) -> list[dict[str, Any]]:
    return [row for batch in histogram.answer(missed, drawn=drawn).batches for row in batch.to_pylist()]


def test_4524_repeats_over_17_hours_are_4_or_5_a_minute_and_no_spike(tmp_path):
    seen = [observation(at("11:50"), first_seen=at("18:50", day=19), count=4524, reason="BackOff")]
    counted = [row["occurrences"] for row in rows(asked(tmp_path, seen, width=MINUTE))]
    assert sum(counted) == 4524
    assert len(counted) == 17 * 60 + 1
    assert set(counted[:-1]) == {4, 5}
    assert counted[-1] == 1  # the newest, at the very end


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 90_000), st.integers(1, 5000)), min_size=1, max_size=5),
    st.integers(1, 200_000),
    st.integers(0, 30),
)
def test_the_sum_over_any_buckets_is_the_count(told, seconds, hours_east):
    zone = timezone(timedelta(hours=hours_east % 27 - 12, minutes=15))
    seen = [
        observation(
            at("11:00") - timedelta(seconds=ago),
            first_seen=at("11:00") - timedelta(seconds=ago + span),
            count=count,
            clock_ns=number,
            reason=f"R{number % 2}",
        )
        for number, (ago, span, count) in enumerate(told)
    ]
    with TemporaryDirectory() as directory:
        counted = rows(asked(Path(directory), seen, width=timedelta(seconds=max(seconds, 30)), zone=zone))
    for reason in {row["reason"] for row in counted}:
        wanted = sum(count for number, (_, _, count) in enumerate(told) if f"R{number % 2}" == reason)
        assert sum(row["occurrences"] for row in counted if row["reason"] == reason) == wanted


def test_days_begin_at_midnight_where_the_user_is_also_when_clocks_change(tmp_path):
    # 2026-10-25 has 25 hours in Paris: it begins at 22:00Z the day before and ends at 23:00Z
    days = [datetime(2026, 10, day, 22, tzinfo=UTC) for day in (23, 24)] + [datetime(2026, 10, 25, 23, tzinfo=UTC)]
    instant = timedelta(microseconds=1)
    seen = [
        observation(moment, clock_ns=number, name=f"p{number}")
        for number, moment in enumerate([days[0], days[1] - instant, days[1], days[2] - instant, days[2]])
    ]
    counted = rows(asked(tmp_path, seen, width=timedelta(days=1), zone=ZoneInfo("Europe/Paris")))
    assert [(row["start"], row["occurrences"]) for row in counted] == [(days[0], 2), (days[1], 2), (days[2], 1)]


def test_a_repeat_over_days_of_unlike_length_is_counted_in_each(tmp_path):
    # one an hour, on the half hour, from the 24th to the 26th in Paris: 24, 25 and 24 hours
    first = datetime(2026, 10, 23, 22, 30, tzinfo=UTC)
    seen = [observation(first + timedelta(hours=72), first_seen=first, count=73)]
    counted = rows(asked(tmp_path, seen, width=timedelta(days=1), zone=ZoneInfo("Europe/Paris")))
    assert [row["occurrences"] for row in counted] == [24, 25, 24]


@pytest.mark.parametrize(
    ("since", "until", "width"),
    [
        ("09:00", "12:00", timedelta(minutes=10)),
        ("11:59", "12:00", timedelta(seconds=2)),
        ("00:00", "12:00", timedelta(minutes=30)),
    ],
)
def test_auto_takes_a_round_width_of_which_30_hold_the_window(since, until, width, tmp_path):
    window = Selection(since=at(since), until=at(until))
    edges = asked(tmp_path, [observation(at("11:59:30"))], window).edges
    assert edges[1] - edges[0] == width
    assert edges[0] <= at(since) and at(until) <= edges[-1]
    assert len(edges) - 1 <= 31


def test_a_window_cuts_what_is_counted_and_buckets_stay_on_round_times(tmp_path):
    seen = [observation(at("11:00"), first_seen=at("10:00"), count=61)]  # one a minute
    counted = rows(asked(tmp_path, seen, Selection(since=at("10:07"), until=at("10:21")), width=10 * MINUTE))
    assert [(row["start"], row["occurrences"]) for row in counted] == [
        (at("10:00"), 3),
        (at("10:10"), 10),
        (at("10:20"), 1),
    ]


def test_series_beyond_the_top_are_one_and_severities_stand_in_their_order(tmp_path):
    seen = [
        observation(at("10:00"), reason=reason, count=count, clock_ns=number, first_seen=at("10:00"))
        for number, (reason, count) in enumerate([("A", 5), ("B", 4), ("C", 3), ("D", 2), ("Scheduled", 1)])
    ]
    seen.append(observation(at("10:00"), reason="NodeNotReady", kind="Node", clock_ns=9))
    top = rows(asked(tmp_path, seen, width=MINUTE, top=2))
    assert [(row["reason"], row["occurrences"]) for row in top] == [("A", 5), ("B", 4), ("other", 7)]
    by_severity = rows(asked(tmp_path, seen, width=MINUTE, by="severity"))
    assert (by_severity[0]["severity"], by_severity[-1]["severity"]) == ("critical", "info")


def test_one_series_more_than_the_top_is_no_other(tmp_path):
    seen = [observation(at("10:00"), reason=reason, clock_ns=number) for number, reason in enumerate("ABC")]
    assert {row["reason"] for row in rows(asked(tmp_path, seen, width=MINUTE, top=2))} == {"A", "B", "C"}


def test_what_nobody_watched_is_a_gap_and_not_an_empty_bar(tmp_path):
    seen = [observation(at("10:01"), name="a"), observation(at("10:41"), name="b")]
    missed = [Span(ALL, State.GAP, at("10:10"), at("10:20")), Span(ALL, State.GAP, at("10:18"), at("10:35"))]
    told = asked(tmp_path, seen, width=10 * MINUTE)
    assert [row["missed"] for row in rows(told, missed)] == [0, 100, 100, 50, 0]
    drawn = rows(told, missed, drawn=True)
    assert [row["bar"] for row in drawn] == [[1], None, None, [0], [1]]
    assert [row["coverage"] for row in drawn] == ["", "not watched", "not watched", "50% not watched", ""]


def test_repeats_that_are_known_of_a_gap_are_drawn_in_it(tmp_path):
    seen = [observation(at("10:29:59"), first_seen=at("10:00"), count=30)]
    missed = [Span(ALL, State.GAP, at("10:10"), at("10:20"))]
    drawn = rows(asked(tmp_path, seen, width=10 * MINUTE), missed, drawn=True)
    assert [row["occurrences"] for row in drawn] == [10, 10, 10]
    assert drawn[1]["coverage"] == "not watched"


def test_times_that_cannot_be_are_left_out_and_said(tmp_path):
    seen = [
        observation(None, first_seen=None, clock_ns=None, name="x", event_name="x.1"),
        observation(at("10:00"), first_seen=LONG_AGO, count=3, name="y", clock_ns=None, event_name="y.1"),
        observation(at("10:00"), name="z"),
    ]
    histogram = asked(tmp_path, seen, width=MINUTE)
    answer = histogram.answer([], drawn=False)
    assert sum(row["occurrences"] for batch in answer.batches for row in batch.to_pylist()) == 2
    assert answer.notes == ["Left out: 3 of absurd or missing times."]


def test_nothing_and_one_event_have_an_answer(tmp_path):
    assert rows(asked(tmp_path, [])) == []
    assert rows(asked(tmp_path, []), drawn=True) == []
    (row,) = rows(asked(tmp_path, [observation(at("10:00"))]))
    assert (row["start"], row["occurrences"], row["reason"]) == (at("10:00"), 1, "Started")


def test_the_tallest_bar_is_found(tmp_path):
    seen = [observation(at(f"10:0{n}"), name=f"p{n}", count=n + 1, first_seen=at(f"10:0{n}")) for n in range(4)]
    told = asked(tmp_path, seen, width=2 * MINUTE)
    assert told.tallest(told.answer([], drawn=True)) == (at("10:02"), at("10:04"))


@pytest.mark.parametrize(("width", "said"), [(timedelta(0), "no length"), (timedelta(seconds=1), "would be 86,400")])
def test_buckets_that_make_no_sense_are_refused(width, said, tmp_path):
    window = Selection(since=at("12:00", day=19), until=at("12:00"))
    with pytest.raises(UsageError, match=said):
        _ = asked(tmp_path, [], window, width=width).edges


def test_the_printed_sql_runs_as_it_stands(tmp_path):
    seen = [observation(at("10:00"), count=7, first_seen=at("09:00"))]
    told = asked(tmp_path, seen, width=10 * MINUTE, by="type")
    printed = [row for batch in told.engine.batches(told.question.shown_sql) for row in batch.to_pylist()]
    assert [row["occurrences"] for row in printed] == [row["occurrences"] for row in rows(told)]
