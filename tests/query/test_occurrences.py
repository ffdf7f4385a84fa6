"""Counts and occurrences, with expected values calculated by hand."""

from __future__ import annotations

import pytest

from tests.observations import at, observation
from tests.query.conftest import RunSql

NEW = "SELECT last_seen, occurrences FROM occurrences ORDER BY last_seen, count"


def counts(rows) -> list[int]:
    return [row["occurrences"] for row in rows]


def test_the_complete_count_of_the_first_observation_is_new(run_sql: RunSql):
    assert counts(run_sql([observation(at("10:00"), count=25, first_seen=at("09:00"))], NEW)) == [25]


def test_the_difference_to_the_previous_count_is_new(run_sql: RunSql):
    first = at("09:00")
    rows = [
        observation(at("09:10"), count=25, first_seen=first),
        observation(at("09:15"), count=40, first_seen=first),
    ]
    assert counts(run_sql(rows, NEW)) == [25, 15]


def test_a_higher_count_in_the_same_second_is_new(run_sql: RunSql):
    first = at("09:00")
    rows = [
        observation(at("09:10"), count=3, first_seen=first, resource_version=7),
        observation(at("09:10"), count=5, first_seen=first, resource_version=8),
    ]
    assert counts(run_sql(rows, NEW)) == [3, 2]


def test_a_count_that_did_not_increase_adds_no_occurrences(run_sql: RunSql):
    first = at("09:00")
    rows = [
        observation(at("09:10"), count=5, first_seen=first),
        observation(at("09:20"), count=5, first_seen=first, message="other words"),
        observation(at("09:30"), count=4, first_seen=first),
    ]
    assert counts(run_sql(rows, NEW)) == [5, 0, 0]


def test_an_expired_event_created_again_with_a_new_uid_continues_its_count(run_sql: RunSql):
    first = at("09:00")
    rows = [
        observation(at("09:30"), count=6, first_seen=first, uid="00000000-0000-4000-8000-00000000000a"),
        observation(at("11:30"), count=7, first_seen=first, uid="00000000-0000-4000-8000-00000000000b"),
    ]
    assert counts(run_sql(rows, NEW)) == [6, 1]


def test_after_a_restart_of_the_sender_the_complete_count_is_new(run_sql: RunSql):
    # the sender kept the name, restarted the count at 1 and changed firstTimestamp
    named = {"event_name": "web-1.fixed", "clock_ns": None}
    rows = [
        observation(at("09:30"), count=6, first_seen=at("09:00"), **named),
        observation(at("10:30"), count=2, first_seen=at("10:00"), **named),
        observation(at("10:40"), count=3, first_seen=at("10:00"), **named),
    ]
    assert counts(run_sql(rows, NEW)) == [6, 2, 1]


def test_events_without_a_name_are_different_events(run_sql: RunSql):
    rows = [observation(at(f"09:0{n}"), count=n, event_name=None, clock_ns=None) for n in (1, 2, 3)]
    assert counts(run_sql(rows, NEW)) == [1, 2, 3]


def test_a_stored_name_and_the_same_name_omitted_are_one_event(run_sql: RunSql):
    # 2026-11-20T09:00:00Z is 1795165200 s; with the clock's 1 ns the name ends in 18e9b53cfb24a001
    assert f"{1795165200 * 10**9 + 1:x}" == "18e9b53cfb24a001"
    rows = [
        observation(at("09:30"), count=6, first_seen=at("09:00"), clock_ns=1),
        observation(at("09:40"), count=9, first_seen=at("09:20"), clock_ns=None, event_name="web-1.18e9b53cfb24a001"),
    ]
    assert counts(run_sql(rows, NEW)) == [6, 3]


def test_equal_names_in_two_clusters_or_namespaces_are_different_events(run_sql: RunSql):
    rows = [
        observation(at("09:00"), count=2),
        observation(at("09:00"), count=3, cluster="test"),
        observation(at("09:00"), count=4, namespace="other"),
    ]
    assert sorted(counts(run_sql(rows, NEW))) == [2, 3, 4]


def test_4524_occurrences_over_17_hours_are_4_or_5_per_minute(run_sql: RunSql):
    rows = [observation(at("23:00", 19), count=4524, first_seen=at("06:00", 19))]
    sql = """
        SELECT happened(latest, occurrences, step_us, minute, minute + INTERVAL 1 MINUTE) AS n
        FROM occurrences,
            range(TIMESTAMPTZ '2026-11-19 06:00:00Z', TIMESTAMPTZ '2026-11-19 23:00:00Z', INTERVAL 1 MINUTE) t(minute)
    """
    per_minute = [row["n"] for row in run_sql(rows, sql)]
    assert len(per_minute) == 17 * 60
    assert set(per_minute) == {4, 5}
    assert sum(per_minute) == 4523  # and the last one at 23:00:00 itself


def test_the_occurrences_of_a_first_observation_span_first_to_last_seen(run_sql: RunSql):
    # five occurrences in 4 minutes: one per minute, including both ends
    rows = [observation(at("09:04"), count=5, first_seen=at("09:00"))]
    (row,) = run_sql(rows, "SELECT latest, earliest, step_us FROM occurrences")
    assert (row["earliest"], row["latest"], row["step_us"]) == (at("09:00"), at("09:04"), 60_000_000)


def test_later_occurrences_are_after_the_previous_observation(run_sql: RunSql):
    # 15 new ones in the 5 minutes after 09:10: one every 20 s, the first at 09:10:20
    rows = [
        observation(at("09:10"), count=25, first_seen=at("09:00")),
        observation(at("09:15"), count=40, first_seen=at("09:00")),
    ]
    row = run_sql(rows, "SELECT latest, earliest, step_us FROM occurrences ORDER BY last_seen")[1]
    assert (row["earliest"], row["latest"], row["step_us"]) == (at("09:10:20"), at("09:15"), 20_000_000)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("09:00", "09:05", 5),  # 09:00, 09:01, … 09:04
        ("09:02", None, 3),
        ("09:02:30", None, 2),
        (None, "09:02", 2),  # until is exclusive
        ("09:01", "09:03", 2),
        ("09:04", "09:05", 1),
        ("09:04:01", "09:30", 0),
        ("08:00", "09:00", 0),
    ],
)
def test_a_window_counts_the_occurrences_in_it(since, until, expected, run_sql: RunSql):
    rows = [observation(at("09:04"), count=5, first_seen=at("09:00"))]
    window = {"since": since and at(since), "until": until and at(until)}
    assert sum(counts(run_sql(rows, NEW, **window))) == expected


def test_a_window_that_starts_between_two_observations_uses_the_previous_one(run_sql: RunSql):
    # 25 before 09:10, then one every 20 s until 09:15: from 09:12 on 09:12:00, 09:12:20, … 09:15:00 = 10 (not 40)
    rows = [
        observation(at("09:10"), count=25, first_seen=at("09:00")),
        observation(at("09:15"), count=40, first_seen=at("09:00")),
    ]
    assert counts(run_sql(rows, NEW, since=at("09:12"))) == [10]


def test_an_observation_after_the_window_can_contain_occurrences_in_it(run_sql: RunSql):
    rows = [
        observation(at("09:10"), count=25, first_seen=at("09:00")),
        observation(at("09:15"), count=40, first_seen=at("09:00")),
    ]
    (row,) = run_sql(
        rows, "SELECT occurrences, latest, earliest FROM occurrences", since=at("09:11"), until=at("09:12")
    )
    assert (row["occurrences"], row["earliest"], row["latest"]) == (3, at("09:11"), at("09:11:40"))


def test_the_previous_observation_may_be_in_the_file_of_another_day(run_sql: RunSql):
    first = at("20:00", 19)
    rows = [
        observation(at("23:50", 19), count=10, first_seen=first),
        observation(at("00:10"), count=12, first_seen=first),
    ]
    assert counts(run_sql(rows, NEW, since=at("00:00"))) == [2]  # at 00:00 and 00:10


def test_uneven_spacing_neither_loses_nor_adds_occurrences(run_sql: RunSql):
    # 7 occurrences in 10 s: the step is not a whole number of microseconds
    rows = [observation(at("09:00:10"), count=7, first_seen=at("09:00:00"))]
    sql = """
        SELECT sum(happened(latest, occurrences, step_us, low, low + INTERVAL '0.7 seconds'))::BIGINT AS n
        FROM occurrences,
            range(TIMESTAMPTZ '2026-11-20 08:59:59Z', TIMESTAMPTZ '2026-11-20 09:00:12Z', INTERVAL '0.7 seconds') t(low)
    """
    assert run_sql(rows, sql) == [{"n": 7}]


def test_if_first_seen_is_after_last_seen_all_occurrences_are_at_last_seen(run_sql: RunSql):
    rows = [observation(at("09:00"), count=3, first_seen=at("10:00"))]
    assert run_sql(rows, "SELECT step_us, latest FROM occurrences") == [{"step_us": 0, "latest": at("09:00")}]


def test_an_event_without_a_time_counts_only_without_a_window(run_sql: RunSql):
    rows = [observation(None, first_seen=None, clock_ns=None, event_name="web-1.x", count=3)]
    assert counts(run_sql(rows, NEW)) == [3]
    assert run_sql(rows, NEW, since=at("00:00")) == []


def test_filters_on_observations_do_not_change_the_occurrences(run_sql: RunSql):
    # the first observation does not match, but its count is still subtracted from the second
    rows = [
        observation(at("09:10"), count=25, first_seen=at("09:00"), message="timeout 1"),
        observation(at("09:15"), count=40, first_seen=at("09:00"), message="timeout 2"),
    ]
    assert counts(run_sql(rows, NEW, greps=("2$",))) == [15]
    assert counts(run_sql(rows, NEW, min_count=30)) == [15]


def test_a_clock_that_was_set_back_counts_nothing_twice(run_sql: RunSql):
    # 100, then 80 more on a clock that was set back by a minute, then one more: 181 in total
    first = at("10:00")
    rows = [
        observation(at("11:00"), count=100, first_seen=first, resource_version=1),
        observation(at("10:59"), count=180, first_seen=first, resource_version=2),
        observation(at("11:01"), count=181, first_seen=first, resource_version=3),
    ]
    assert counts(run_sql(rows, NEW)) == [180, 0, 1]
    assert counts(run_sql(rows, NEW, since=at("11:00:30"))) == [1]


def test_a_clock_that_was_set_back_across_a_restart_of_the_sender_counts_nothing_twice(run_sql: RunSql):
    # 50 and 50 more before the restart, 3 after it; the clock was set back in between
    named = {"event_name": "web-1.fixed", "clock_ns": None}
    rows = [
        observation(at("10:00"), count=50, first_seen=at("09:00"), **named),
        observation(at("11:00"), count=100, first_seen=at("09:00"), **named),
        observation(at("10:10"), count=1, first_seen=at("10:10"), **named),
        observation(at("10:20"), count=2, first_seen=at("10:10"), **named),
        observation(at("11:10"), count=3, first_seen=at("10:10"), **named),
    ]
    assert counts(run_sql(rows, NEW)) == [50, 1, 1, 50, 1]
