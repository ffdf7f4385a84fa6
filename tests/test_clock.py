"""Ages as kubectl prints them (HumanDuration), Go durations, and times as users type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kevents import clock
from kevents.errors import UsageError

NOW = datetime(2026, 11, 21, 0, 35, 17, tzinfo=UTC)  # a Saturday
BERLIN = ZoneInfo("Europe/Berlin")  # one hour ahead in November

MINUTE, HOUR, DAY = 60, 3600, 86400
YEAR = 365 * DAY
JUST_UNDER = 0.000001


@pytest.mark.parametrize(
    ("seconds", "printed"),
    [
        (-3600, "<invalid>"),
        (-2 - JUST_UNDER, "<invalid>"),
        (-2, "<invalid>"),
        (-2 + JUST_UNDER, "0s"),
        (-1, "0s"),
        (-JUST_UNDER, "0s"),
        (0, "0s"),
        (0.999, "0s"),
        (1, "1s"),
        (119, "119s"),
        (2 * MINUTE - JUST_UNDER, "119s"),
        (2 * MINUTE, "2m"),
        (2 * MINUTE + 1, "2m1s"),
        (3 * MINUTE - JUST_UNDER, "2m59s"),
        (3 * MINUTE, "3m"),
        (10 * MINUTE - JUST_UNDER, "9m59s"),
        (10 * MINUTE, "10m"),
        (10 * MINUTE + 59, "10m"),
        (3 * HOUR - JUST_UNDER, "179m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + 59, "3h"),
        (3 * HOUR + MINUTE, "3h1m"),
        (8 * HOUR - JUST_UNDER, "7h59m"),
        (8 * HOUR, "8h"),
        (8 * HOUR + 59 * MINUTE, "8h"),
        (48 * HOUR - JUST_UNDER, "47h"),
        (48 * HOUR, "2d"),
        (48 * HOUR + 59 * MINUTE, "2d"),
        (49 * HOUR, "2d1h"),
        (8 * DAY - JUST_UNDER, "7d23h"),
        (8 * DAY, "8d"),
        (8 * DAY + 23 * HOUR, "8d"),
        (2 * YEAR - JUST_UNDER, "729d"),
        (2 * YEAR, "2y"),
        (2 * YEAR + 23 * HOUR, "2y"),
        (2 * YEAR + DAY, "2y1d"),
        (3 * YEAR, "3y"),
        (8 * YEAR - JUST_UNDER, "7y364d"),
        (8 * YEAR, "8y"),
        (8 * YEAR + 364 * DAY, "8y"),
        (2025 * YEAR, "292y"),  # the longest duration in Go
    ],
)
def test_an_age_is_printed_as_kubectl_prints_it(seconds: float, printed: str) -> None:
    assert clock.age(seconds) == printed


def test_an_age_may_be_given_as_a_timedelta() -> None:
    assert clock.age(timedelta(hours=7, minutes=59, seconds=59)) == "7h59m"


@pytest.mark.parametrize(
    ("last", "first", "count", "printed"),
    [
        (19 * MINUTE, 17 * HOUR, 4524, "19m (x4524 over 17h)"),
        (19 * MINUTE, 20 * MINUTE, 2, "19m (x2 over 20m)"),
        (19 * MINUTE, 20 * MINUTE, 1, "20m"),
        (19 * MINUTE, 20 * MINUTE, 0, "20m"),
        (19 * MINUTE, 20 * MINUTE, None, "20m"),
        (19 * MINUTE, None, 1, "<unknown>"),
        (19 * MINUTE, None, 7, "19m (x7 over <unknown>)"),
        (None, None, 7, "<unknown> (x7 over <unknown>)"),
        (-60, -60, 1, "<invalid>"),
    ],
)
def test_an_interval_is_printed_as_kubectl_events_prints_it(
    last: float | None, first: float | None, count: int | None, printed: str
) -> None:
    assert clock.interval_of_ages(last, first, count) == printed


@pytest.mark.parametrize(
    ("seconds", "printed"),
    [
        (0, "0s"),
        (0.0000001, "0s"),
        (0.0000015, "2µs"),
        (0.000999, "999µs"),
        (0.0009996, "1ms"),
        (0.308, "308ms"),
        (0.9994, "999ms"),
        (0.9996, "1s"),
        (1.2, "1.2s"),
        (1.96, "2s"),
        (49.5260537, "49.5s"),
        (59.96, "1m0s"),
        (60, "1m0s"),
        (232.584241679, "3m52.6s"),
        (3599.96, "1h0m0s"),
        (3723.5, "1h2m4s"),
        (90000, "25h0m0s"),
        (-1.5, "-1.5s"),
    ],
)
def test_a_duration_is_rounded_in_gos_notation(seconds: float, printed: str) -> None:
    assert clock.duration(seconds) == printed


@pytest.mark.parametrize(
    ("zone", "printed"),
    [(UTC, "2026-11-21 00:35:17Z"), (BERLIN, "2026-11-21 01:35:17+01:00")],
)
def test_an_absolute_time_has_its_zone(zone: ZoneInfo, printed: str) -> None:
    assert clock.absolute(NOW.replace(microsecond=999_999), zone) == printed


def ago(**units: float) -> datetime:
    return NOW - timedelta(**units)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("30s", ago(seconds=30)),
        ("5m", ago(minutes=5)),
        ("1h", ago(hours=1)),
        ("2d", ago(days=2)),
        ("1w", ago(days=7)),
        ("1h30m", ago(minutes=90)),
        ("1.5h", ago(minutes=90)),
        ("2h ago", ago(hours=2)),
        (" 1H ", ago(hours=1)),
        ("now", NOW),
        ("today", datetime(2026, 11, 21, tzinfo=UTC)),
        ("Yesterday", datetime(2026, 11, 20, tzinfo=UTC)),
        ("saturday", datetime(2026, 11, 21, tzinfo=UTC)),
        ("mon", datetime(2026, 11, 16, tzinfo=UTC)),
        ("10:30", datetime(2026, 11, 21, 10, 30, tzinfo=UTC)),
        ("yesterday 10:30", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
        ("Monday 23:59:59", datetime(2026, 11, 16, 23, 59, 59, tzinfo=UTC)),
        ("9:05:07", datetime(2026, 11, 21, 9, 5, 7, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20 10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00.5+02:00", datetime(2026, 11, 20, 8, 0, 0, 500_000, tzinfo=UTC)),
        ("20 Nov 2026 10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("Nov 20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("Nov 2026", datetime(2026, 11, 1, tzinfo=UTC)),
        ("24 December", datetime(2025, 12, 24, tzinfo=UTC)),  # the last one, not the next
        ("11/20/2026", datetime(2026, 11, 20, tzinfo=UTC)),
        ("20.11.2026 10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026/11/20", datetime(2026, 11, 20, tzinfo=UTC)),
    ],
)
def test_a_time_is_parsed(typed: str, expected: datetime) -> None:
    assert clock.parse_time(typed, NOW, UTC) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("today", datetime(2026, 11, 20, 23, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 19, 23, tzinfo=UTC)),
        ("01:30", datetime(2026, 11, 21, 0, 30, tzinfo=UTC)),
        ("2026-07-01T10:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),  # summer time
        ("2026-07-01T10:00Z", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("1 Jul 2026 10:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_in_the_users_zone(typed: str, expected: datetime) -> None:
    moment = clock.parse_time(typed, NOW, BERLIN)
    assert moment == expected
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "typed",
    [
        *("", "soon", "1", "1 h", "h", "1h-", "-1h", "1y", "25:00", "10:60", "1h01:00", "noon", "1763600000"),
        *("2026-13-01", "31 Feb 2026", "0001-01-01T00:00+14:00", "20 Nov 2026 10:00 XYZ", "99999999d", "9" * 400 + "d"),
        *("yesterday noon", "10:30 monday", "yesterday10:30", "\x1b[31m"),
    ],
)
def test_an_invalid_time_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(UsageError) as refused:
        clock.parse_time(typed, NOW, UTC)
    assert str(refused.value) == f'cannot read "{typed}" as a time'
    assert str(refused.value.hint).startswith("Use a duration (30m, 2d) or a time (10:30, yesterday 18:00, ")


def test_an_ambiguous_date_is_refused_with_both_readings() -> None:
    with pytest.raises(UsageError) as refused:
        clock.parse_time("03/04/2026", NOW, UTC)
    assert str(refused.value) == '"03/04/2026" is ambiguous (day/month?)'
    assert refused.value.hint == "Write 2026-03-04 or 2026-04-03."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("soon", 'cannot read "soon" as a duration'), ("99999999999d", 'duration out of range: "99999999999d"')],
)
def test_an_invalid_duration_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        clock.parse_duration(typed)
    assert str(refused.value) == sentence


def test_a_zone_is_parsed() -> None:
    assert clock.parse_zone("utc") is UTC
    assert clock.parse_zone("Europe/Berlin") == BERLIN
    assert clock.parse_zone("local").utcoffset(NOW) == NOW.astimezone().utcoffset()


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "\0"])
def test_an_unknown_zone_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="unknown time zone"):
        clock.parse_zone(name)


def test_now_is_in_utc() -> None:
    assert clock.now().tzinfo is UTC
