"""Formatting and parsing of times: ages like kubectl's, Go durations, and what users type after --since.

Only cli calls `now`. All other code gets the current time as an argument.
"""

from __future__ import annotations

import math
import re
import warnings
from bisect import bisect_right
from datetime import UTC, datetime, time, timedelta, tzinfo
from operator import itemgetter

from kevents.errors import UsageError
from kevents.suggest import did_you_mean

UNKNOWN = "<unknown>"
INVALID = "<invalid>"
TIME_FORMATS = ("age", "absolute", "both", "clock")

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365 * _DAY  # kubectl ignores leap days
_AGES: tuple[tuple[float, int, str, int, str], ...] = (
    # upper limit, unit, its name, smaller unit, its name
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
    (math.inf, _YEAR, "y", 0, ""),
)
_limit = itemgetter(0)
_MAX_SECONDS = (2**63 - 1) / 1e9  # Go's time.Since ends at 292 years, so kubectl prints 292y for the year 1


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def age(elapsed: float | timedelta) -> str:
    """An age as kubectl prints it (HumanDuration): 119s, 2m1s, 179m, 7h59m, 47h, 7d23h, 729d, 7y364d, 8y."""
    exact = elapsed.total_seconds() if isinstance(elapsed, timedelta) else elapsed
    seconds = int(min(exact, _MAX_SECONDS))
    if seconds < -1:  # truncated toward zero: clocks may differ by less than 2 s
        return INVALID
    seconds = max(seconds, 0)
    _, unit, name, smaller, smaller_name = _AGES[bisect_right(_AGES, seconds, key=_limit)]
    rest = seconds % unit // smaller if smaller else 0
    return f"{seconds // unit}{name}" + (f"{rest}{smaller_name}" if rest else "")


def interval_of_ages(last: float | None, first: float | None, count: int | None) -> str:
    """When an event was seen, as `kubectl events` prints it: 19m (x4524 over 17h), or 19m for a single occurrence.

    last, first: seconds since last_seen and first_seen. For a single occurrence kubectl prints the first.
    """
    since_first = UNKNOWN if first is None else age(first)
    if count is None or count <= 1:
        return since_first
    return f"{UNKNOWN if last is None else age(last)} (x{count} over {since_first})"


def absolute(moment: datetime, zone: tzinfo) -> str:
    """A time in a zone, to the second: 2026-11-21 00:14:25Z, 2026-11-21 01:14:25+01:00."""
    return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds").replace("+00:00", "Z")


def exact(moment: datetime, zone: tzinfo) -> str:
    """A time in a zone with its fraction of a second, if it has one: 2026-11-21 00:14:25.25Z."""
    seconds, fraction = absolute(moment, zone), f".{moment.microsecond:06}".rstrip("0.")
    return f"{seconds[:19]}{fraction}{seconds[19:]}"


def time_of_day(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """The time of day, with the date unless it is today: 00:14:25, 11-20 23:59:59, 2025-11-20 10:00:00."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return (
        f"{local:%m-%d %H:%M:%S}" if local.year == today.year else local.replace(tzinfo=None).isoformat(" ", "seconds")
    )


def duration(seconds: float) -> str:
    """A duration in Go's notation, rounded for reading: 15µs, 308ms, 49.5s, 3m52.6s, 1h2m3s."""
    if seconds < 0:
        return "-" + duration(-seconds)
    if seconds < 0.0009995:
        micro = round(seconds * 1e6)
        return f"{micro}µs" if micro else "0s"
    if seconds < 0.9995:
        return f"{round(seconds * 1e3)}ms"
    tenths = round(seconds * 10)
    if tenths >= 10 * _HOUR:
        minutes, remainder = divmod(round(seconds), _MINUTE)
        return f"{minutes // 60}h{minutes % 60}m{remainder}s"
    minutes, tenths = divmod(tenths, 10 * _MINUTE)
    rest = f"{tenths // 10}.{tenths % 10}".removesuffix(".0") + "s"
    return f"{minutes}m{rest}" if minutes else rest


def offset(seconds: float) -> str:
    """The distance to a reference time: -2m3s before it, +15s after it, 0s at the same second."""
    distance = round(abs(seconds))
    if not distance:
        return "0s"
    return ("-" if seconds < 0 else "+") + age(distance)


def parse_zone(name: str) -> tzinfo:
    """The time zone with this name: UTC, local, or one of the IANA database such as Europe/Berlin."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        if name.lower() == "local":
            from dateutil.tz import tzlocal

            return tzlocal()
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise UsageError(f'unknown time zone "{name}"', _zone_hint(name)) from error


def _zone_hint(name: str) -> str:
    from zoneinfo import available_timezones

    zones = ("UTC", "local", *sorted(available_timezones()))
    return did_you_mean(name, zones, "Use a zone name such as Europe/Berlin, UTC or local.")


_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_SECONDS = {"s": 1, "m": _MINUTE, "h": _HOUR, "d": _DAY, "w": 7 * _DAY}
_DAY_AND_TIME = re.compile(
    r"(?:(?P<day>[a-z]+)(?: |$))?(?:(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.IGNORECASE)
_NUMERIC_DATE = re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
_FOUR_DIGITS = re.compile(r"\b\d{4}\b")

_TIME_HINT = "Use a duration (30m, 2d) or a time (10:30, yesterday 18:00, 2026-11-20T10:00). See kevents help times."
_DURATION_HINT = "For example 30s, 10m, 1h30m or 2d."


def parse_time(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The time that a user typed, in UTC; a time without an offset is in the zone."""
    typed = text.strip()
    try:
        moment = _relative(typed.lower(), now, zone) or _iso(typed, zone) or _free_form(typed, now, zone)
        if moment is not None:
            return moment.astimezone(UTC)
    except (OverflowError, ValueError, RuntimeWarning):
        pass
    raise UsageError(f'cannot read "{text}" as a time', _TIME_HINT)


def parse_duration(text: str) -> timedelta:
    """The duration that a user typed: 30s, 10m, 1h30m, 2d, 1w."""
    typed = text.strip().lower()
    if not _DURATION.fullmatch(typed):
        raise UsageError(f'cannot read "{text}" as a duration', _DURATION_HINT)
    try:
        return _span(typed)
    except OverflowError:
        raise UsageError(f'duration out of range: "{text}"', _DURATION_HINT) from None


def _span(typed: str) -> timedelta:
    return timedelta(seconds=sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(typed)))


def _relative(typed: str, now: datetime, zone: tzinfo) -> datetime | None:
    """A duration before now, or a named day and a time of day."""
    ago = typed.removesuffix(" ago")
    if _DURATION.fullmatch(ago):
        return now - _span(ago)
    if typed == "now":
        return now
    match = _DAY_AND_TIME.fullmatch(typed)
    today = now.astimezone(zone).date()
    days = _days_ago(match["day"] or "today", today.weekday()) if match and typed else None
    if match is None or days is None:
        return None
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    return datetime.combine(today - timedelta(days=days), time(hour, minute, second), zone)


def _days_ago(day: str, weekday: int) -> int | None:
    """How many days ago a named day was. A weekday is the most recent one, today included."""
    for index, name in enumerate(_WEEKDAYS):
        if day in {name, name[:3]}:
            return (weekday - index) % 7
    return {"today": 0, "yesterday": 1}.get(day)


def _iso(typed: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _free_form(typed: str, now: datetime, zone: tzinfo) -> datetime | None:
    """A date in other notations. dateutil only gets what looks like a date, because it reads 1h as 01:00."""
    if not (_MONTH.search(typed) or _NUMERIC_DATE.search(typed)):
        return None
    from dateutil import parser

    default = datetime(now.astimezone(zone).year, 1, 1)  # noqa: DTZ001
    with warnings.catch_warnings():
        warnings.simplefilter("error", parser.UnknownTimezoneWarning)  # otherwise an unknown zone would be ignored
        moment: datetime = parser.parse(typed, default=default)
    if not re.match(r"\d{4}", typed) and moment != (day_first := parser.parse(typed, default=default, dayfirst=True)):
        raise UsageError(f'"{typed}" is ambiguous (day/month?)', f"Write {moment:%Y-%m-%d} or {day_first:%Y-%m-%d}.")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if aware > now and not _FOUR_DIGITS.search(typed):  # in January, 24 Dec means that of last year
        aware = aware.replace(year=aware.year - 1)
    return aware
