"""The arithmetic of counts (events.md §7), calculated by hand."""

from __future__ import annotations

import pytest

from tests.observations import at, observation
from tests.query.conftest import Ask

NEW = "SELECT last_seen, occurrences FROM occurrences ORDER BY last_seen, count"


def news(rows) -> list[int]:
    return [row["occurrences"] for row in rows]


def test_a_first_observation_tells_of_its_whole_count(ask: Ask):
    assert news(ask([observation(at("10:00"), count=25, first_seen=at("09:00"))], NEW)) == [25]


def test_served_counts_jump_and_the_difference_is_what_is_new(ask: Ask):
    first = at("09:00")
    rows = [
        observation(at("09:10"), count=25, first_seen=first),
        observation(at("09:15"), count=40, first_seen=first),
    ]
    assert news(ask(rows, NEW)) == [25, 15]


def test_a_higher_count_in_the_same_second_still_counts(ask: Ask):
    first = at("09:00")
    rows = [
        observation(at("09:10"), count=3, first_seen=first, resource_version=7),
        observation(at("09:10"), count=5, first_seen=first, resource_version=8),
    ]
    assert news(ask(rows, NEW)) == [3, 2]


def test_a_count_that_did_not_rise_is_nothing_new(ask: Ask):
    first = at("09:00")
    rows = [
        observation(at("09:10"), count=5, first_seen=first),
        observation(at("09:20"), count=5, first_seen=first, message="other words"),
        observation(at("09:30"), count=4, first_seen=first),
    ]
    assert news(ask(rows, NEW)) == [5, 0, 0]


def test_an_expired_event_created_again_with_a_new_uid_goes_on_counting(ask: Ask):
    first = at("09:00")
    rows = [
        observation(at("09:30"), count=6, first_seen=first, uid="00000000-0000-4000-8000-00000000000a"),
        observation(at("11:30"), count=7, first_seen=first, uid="00000000-0000-4000-8000-00000000000b"),
    ]
    assert news(ask(rows, NEW)) == [6, 1]


def test_after_a_restart_of_the_sender_the_whole_count_is_new(ask: Ask):
    # the sender kept the name, counted from 1 again and moved firstTimestamp
    named = {"event_name": "web-1.fixed", "clock_ns": None}
    rows = [
        observation(at("09:30"), count=6, first_seen=at("09:00"), **named),
        observation(at("10:30"), count=2, first_seen=at("10:00"), **named),
        observation(at("10:40"), count=3, first_seen=at("10:00"), **named),
    ]
    assert news(ask(rows, NEW)) == [6, 2, 1]


def test_events_without_a_name_have_nothing_in_common(ask: Ask):
    rows = [observation(at(f"09:0{n}"), count=n, event_name=None, clock_ns=None) for n in (1, 2, 3)]
    assert news(ask(rows, NEW)) == [1, 2, 3]


def test_a_name_in_the_file_and_the_same_name_left_out_are_one_event(ask: Ask):
    # 2026-11-20T09:00:00Z is 1795165200 s; with the clock's 1 ns the name ends in 18e9b53cfb24a001
    assert f"{1795165200 * 10**9 + 1:x}" == "18e9b53cfb24a001"
    rows = [
        observation(at("09:30"), count=6, first_seen=at("09:00"), clock_ns=1),
        observation(at("09:40"), count=9, first_seen=at("09:20"), clock_ns=None, event_name="web-1.18e9b53cfb24a001"),
    ]
    assert news(ask(rows, NEW)) == [6, 3]


def test_same_names_in_two_clusters_or_namespaces_are_not_one_event(ask: Ask):
    rows = [
        observation(at("09:00"), count=2),
        observation(at("09:00"), count=3, cluster="test"),
        observation(at("09:00"), count=4, namespace="other"),
    ]
    assert sorted(news(ask(rows, NEW))) == [2, 3, 4]


def test_4524_happenings_over_17_hours_are_4_or_5_in_every_minute(ask: Ask):
    rows = [observation(at("23:00", 19), count=4524, first_seen=at("06:00", 19))]
    sql = """
        SELECT happened(latest, occurrences, step_us, minute, minute + INTERVAL 1 MINUTE) AS n
        FROM occurrences,
            range(TIMESTAMPTZ '2026-11-19 06:00:00Z', TIMESTAMPTZ '2026-11-19 23:00:00Z', INTERVAL 1 MINUTE) t(minute)
    """
    per_minute = [row["n"] for row in ask(rows, sql)]
    assert len(per_minute) == 17 * 60
    assert set(per_minute) == {4, 5}
    assert sum(per_minute) == 4523  # and the last one at 23:00:00 itself


def test_the_happenings_of_a_first_observation_reach_from_first_to_last_seen(ask: Ask):
    # five happenings in 4 minutes: one a minute, both ends included
    rows = [observation(at("09:04"), count=5, first_seen=at("09:00"))]
    (row,) = ask(rows, "SELECT latest, earliest, step_us FROM occurrences")
    assert (row["earliest"], row["latest"], row["step_us"]) == (at("09:00"), at("09:04"), 60_000_000)


def test_later_happenings_lie_after_the_observation_before(ask: Ask):
    # 15 new ones in the 5 minutes after 09:10: one each 20 s, the first at 09:10:20
    rows = [
        observation(at("09:10"), count=25, first_seen=at("09:00")),
        observation(at("09:15"), count=40, first_seen=at("09:00")),
    ]
    row = ask(rows, "SELECT latest, earliest, step_us FROM occurrences ORDER BY last_seen")[1]
    assert (row["earliest"], row["latest"], row["step_us"]) == (at("09:10:20"), at("09:15"), 20_000_000)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("09:00", "09:05", 5),  # 09:00, 09:01, … 09:04
        ("09:02", None, 3),
        ("09:02:30", None, 2),
        (None, "09:02", 2),  # until is no part of the window
        ("09:01", "09:03", 2),
        ("09:04", "09:05", 1),
        ("09:04:01", "09:30", 0),
        ("08:00", "09:00", 0),
    ],
)
def test_a_window_counts_the_happenings_that_lie_in_it(since, until, expected, ask: Ask):
    rows = [observation(at("09:04"), count=5, first_seen=at("09:00"))]
    window = {"since": since and at(since), "until": until and at(until)}
    assert sum(news(ask(rows, NEW, **window))) == expected


def test_a_window_that_begins_between_two_observations_looks_one_back_before_it_cuts(ask: Ask):
    # 25 before 09:10, then one each 20 s until 09:15: from 09:12 on 09:12:00, 09:12:20, … 09:15:00 = 10 (not 40)
    rows = [
        observation(at("09:10"), count=25, first_seen=at("09:00")),
        observation(at("09:15"), count=40, first_seen=at("09:00")),
    ]
    assert news(ask(rows, NEW, since=at("09:12"))) == [10]


def test_a_observation_after_the_window_tells_of_happenings_in_it(ask: Ask):
    rows = [
        observation(at("09:10"), count=25, first_seen=at("09:00")),
        observation(at("09:15"), count=40, first_seen=at("09:00")),
    ]
    (row,) = ask(rows, "SELECT occurrences, latest, earliest FROM occurrences", since=at("09:11"), until=at("09:12"))
    assert (row["occurrences"], row["earliest"], row["latest"]) == (3, at("09:11"), at("09:11:40"))


def test_the_observation_before_may_lie_in_the_file_of_another_day(ask: Ask):
    first = at("20:00", 19)
    rows = [
        observation(at("23:50", 19), count=10, first_seen=first),
        observation(at("00:10"), count=12, first_seen=first),
    ]
    assert news(ask(rows, NEW, since=at("00:00"))) == [2]  # at 00:00 and 00:10


def test_an_uneven_spacing_loses_and_invents_nothing(ask: Ask):
    # 7 happenings in 10 s: no step of whole microseconds
    rows = [observation(at("09:00:10"), count=7, first_seen=at("09:00:00"))]
    sql = """
        SELECT sum(happened(latest, occurrences, step_us, cut, cut + INTERVAL '0.7 seconds'))::BIGINT AS n
        FROM occurrences,
            range(TIMESTAMPTZ '2026-11-20 08:59:59Z', TIMESTAMPTZ '2026-11-20 09:00:12Z', INTERVAL '0.7 seconds') t(cut)
    """
    assert ask(rows, sql) == [{"n": 7}]


def test_times_that_run_backwards_put_everything_at_last_seen(ask: Ask):
    rows = [observation(at("09:00"), count=3, first_seen=at("10:00"))]
    assert ask(rows, "SELECT step_us, latest FROM occurrences") == [{"step_us": 0, "latest": at("09:00")}]


def test_an_event_without_any_time_counts_only_where_no_window_is_asked_for(ask: Ask):
    rows = [observation(None, first_seen=None, clock_ns=None, event_name="web-1.x", count=3)]
    assert news(ask(rows, NEW)) == [3]
    assert ask(rows, NEW, since=at("00:00")) == []


def test_what_is_said_of_a_observation_does_not_change_what_is_new(ask: Ask):
    # the first observation does not match, yet its count is what the second is compared with
    rows = [
        observation(at("09:10"), count=25, first_seen=at("09:00"), message="timeout 1"),
        observation(at("09:15"), count=40, first_seen=at("09:00"), message="timeout 2"),
    ]
    assert news(ask(rows, NEW, greps=("2$",))) == [15]
    assert news(ask(rows, NEW, min_count=30)) == [15]
