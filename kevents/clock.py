"""Times as people read and type them: ages as kubectl prints them, durations as Go does, `--since 1h30m`.

`now` is called by cli alone; everything else is told what time it is.
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

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365 * _DAY  # kubectl's years have no leap days
_AGES: tuple[tuple[float, int, str, int, str], ...] = (
    # below this, the unit, and beside it the smaller one
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
_below = itemgetter(0)
_LONGEST = (2**63 - 1) / 1e9  # Go's time.Since stops at 292 years, so kubectl says 292y of the year 1


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def age(elapsed: float | timedelta) -> str:
    """A span of time as kubectl prints it (HumanDuration): 119s, 2m1s, 179m, 7h59m, 47h, 7d23h, 729d, 7y364d, 8y."""
    exact = elapsed.total_seconds() if isinstance(elapsed, timedelta) else elapsed
    seconds = int(min(exact, _LONGEST))
    if seconds < -1:  # truncated towards zero: clocks may disagree by anything less than 2 s
        return INVALID
    seconds = max(seconds, 0)
    _, unit, name, smaller, smaller_name = _AGES[bisect_right(_AGES, seconds, key=_below)]
    rest = seconds % unit // smaller if smaller else 0
    return f"{seconds // unit}{name}" + (f"{rest}{smaller_name}" if rest else "")


def interval(last_seen: datetime | None, first_seen: datetime | None, count: int | None, now: datetime) -> str:
    """When an event was seen, as `kubectl events` prints it: 19m (x4524 over 17h), or 19m for a single time."""
    last, first = (None if moment is None else (now - moment).total_seconds() for moment in (last_seen, first_seen))
    return interval_of_ages(last, first, count)


def interval_of_ages(last: float | None, first: float | None, count: int | None) -> str:
    """The interval from seconds ago. Of a single occurrence kubectl reads the first time, not the last."""
    since_first = UNKNOWN if first is None else age(first)
    if count is None or count <= 1:
        return since_first
    return f"{UNKNOWN if last is None else age(last)} (x{count} over {since_first})"


def absolute(moment: datetime, zone: tzinfo) -> str:
    """A moment in a zone, to the second: 2026-11-21 00:14:25Z, 2026-11-21 01:14:25+01:00."""
    return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds").replace("+00:00", "Z")


def of_day(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """The time of day, with the date where it is not today's: 00:14:25, 11-20 23:59:59, 2025-11-20 10:00:00."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return (
        f"{local:%m-%d %H:%M:%S}" if local.year == today.year else local.replace(tzinfo=None).isoformat(" ", "seconds")
    )


def duration(seconds: float) -> str:
    """A duration in Go's notation with as many digits as an eye needs: 15µs, 308ms, 49.5s, 3m52.6s, 1h2m3s."""
    if seconds < 0:
        return "-" + duration(-seconds)
    if seconds < 0.0009995:
        micro = round(seconds * 1e6)
        return f"{micro}µs" if micro else "0s"
    if seconds < 0.9995:
        return f"{round(seconds * 1e3)}ms"
    tenths = round(seconds * 10)
    if tenths >= 10 * _HOUR:
        minutes, whole = divmod(round(seconds), _MINUTE)
        return f"{minutes // 60}h{minutes % 60}m{whole}s"
    minutes, tenths = divmod(tenths, 10 * _MINUTE)
    rest = f"{tenths // 10}.{tenths % 10}".removesuffix(".0") + "s"
    return f"{minutes}m{rest}" if minutes else rest


def offset(seconds: float) -> str:
    """How long before (-2m3s) or after (+15s) a moment; 0s at the moment itself, to the second."""
    whole = round(abs(seconds))
    if not whole:
        return "0s"
    return ("-" if seconds < 0 else "+") + age(whole)


def zone_named(name: str) -> tzinfo:
    """The time zone of that name: UTC, local, or one of the IANA database such as Europe/Berlin."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        if name.lower() == "local":
            from dateutil.tz import tzlocal

            return tzlocal()
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise UsageError(f'there is no time zone "{name}"', _zone_hint(name)) from error


def _zone_hint(name: str) -> str:
    from zoneinfo import available_timezones

    zones = ("UTC", "local", *sorted(available_timezones()))
    return did_you_mean(name, zones, "Name one like Europe/Berlin, or UTC, or local.")


_AGO = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_SECONDS = {"s": 1, "m": _MINUTE, "h": _HOUR, "d": _DAY, "w": 7 * _DAY}
_DAY_AND_TIME = re.compile(
    r"(?:(?P<day>[a-z]+)(?: |$))?(?:(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.IGNORECASE)
_NUMERIC_DATE = re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
_YEAR_IN = re.compile(r"\b\d{4}\b")

EXAMPLES = (
    "Say how long ago (30s, 5m, 1h30m, 2d, 1w) or when: now, today, yesterday, monday, 10:30, 2026-11-20, "
    "2026-11-20T10:00, 2026-11-20T10:00:00Z, 20 Nov 2026 10:00."
)


def parse_time(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment that a user means, in UTC; times without an offset are in the zone."""
    wanted = text.strip()
    try:
        moment = _named(wanted.lower(), now, zone) or _iso(wanted, zone) or _typed(wanted, now, zone)
        if moment is not None:
            return moment.astimezone(UTC)
    except (OverflowError, ValueError, RuntimeWarning):
        pass
    raise UsageError(f'cannot read "{text}" as a time', EXAMPLES)


def parse_duration(text: str) -> timedelta:
    """The span of time that a user means: 30s, 10m, 1h30m, 2d, 1w."""
    wanted = text.strip().lower()
    if not _AGO.fullmatch(wanted):
        raise UsageError(f'cannot read "{text}" as a duration', "Such as 30s, 10m, 1h30m or 2d.")
    try:
        return _span(wanted)
    except OverflowError:
        raise UsageError(f'"{text}" is longer than time itself', "Such as 30s, 10m, 1h30m or 2d.") from None


def _span(wanted: str) -> timedelta:
    return timedelta(seconds=sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(wanted)))


def _named(wanted: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Durations back from now, and days and times of day by their names."""
    ago = wanted.removesuffix(" ago")
    if _AGO.fullmatch(ago):
        return now - _span(ago)
    if wanted == "now":
        return now
    said = _DAY_AND_TIME.fullmatch(wanted)
    today = now.astimezone(zone).date()
    days = _days_ago(said["day"] or "today", today.weekday()) if said and wanted else None
    if said is None or days is None:
        return None
    hour, minute, second = (int(said[part] or 0) for part in ("hour", "minute", "second"))
    return datetime.combine(today - timedelta(days=days), time(hour, minute, second), zone)


def _days_ago(day: str, weekday: int) -> int | None:
    """How far back a named day is; a weekday is the last one, today included."""
    for index, name in enumerate(_WEEKDAYS):
        if day in {name, name[:3]}:
            return (weekday - index) % 7
    return {"today": 0, "yesterday": 1}.get(day)


def _iso(wanted: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _typed(wanted: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Dates as people type them; dateutil sees only what looks like a date, for it reads 1h as 01:00."""
    if not (_MONTH.search(wanted) or _NUMERIC_DATE.search(wanted)):
        return None
    from dateutil import parser

    unsaid = datetime(now.astimezone(zone).year, 1, 1)  # noqa: DTZ001
    with warnings.catch_warnings():
        warnings.simplefilter("error", parser.UnknownTimezoneWarning)  # else XYZ would be taken for no zone at all
        moment: datetime = parser.parse(wanted, default=unsaid)
    if not re.match(r"\d{4}", wanted) and moment != parser.parse(wanted, default=unsaid, dayfirst=True):
        raise UsageError(f'"{wanted}" may be two dates: which number is the month?', "Write it as 2026-11-20.")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if aware > now and not _YEAR_IN.search(wanted):  # 24 Dec, asked in January, is last year's
        aware = aware.replace(year=aware.year - 1)
    return aware
