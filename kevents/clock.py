"""Times as people read and type them: ages as kubectl prints them, durations as Go does, `--since 1h30m`.

`now` is called by cli alone; everything else is told what time it is.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from kevents.errors import UsageError

UNKNOWN = "<unknown>"
INVALID = "<invalid>"

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365 * _DAY  # kubectl's years have no leap days
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
    if seconds < 2 * _MINUTE:
        return f"{max(seconds, 0)}s"
    if seconds < 10 * _MINUTE:
        return _two(seconds, _MINUTE, "m", 1, "s")
    if seconds < 3 * _HOUR:
        return f"{seconds // _MINUTE}m"
    if seconds < 8 * _HOUR:
        return _two(seconds, _HOUR, "h", _MINUTE, "m")
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR}h"
    if seconds < 8 * _DAY:
        return _two(seconds, _DAY, "d", _HOUR, "h")
    if seconds < 2 * _YEAR:
        return f"{seconds // _DAY}d"
    if seconds < 8 * _YEAR:
        return _two(seconds, _YEAR, "y", _DAY, "d")
    return f"{seconds // _YEAR}y"


def _two(seconds: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    rest = seconds % large // small
    return f"{seconds // large}{large_unit}" + (f"{rest}{small_unit}" if rest else "")


def age_of(moment: datetime | None, now: datetime) -> str:
    """How long ago a moment was, `<unknown>` where there is none."""
    return UNKNOWN if moment is None else age(now - moment)


def interval(last_seen: datetime | None, first_seen: datetime | None, count: int | None, now: datetime) -> str:
    """When an event was seen, as `kubectl events` prints it: 19m (x4524 over 17h), and the age alone for a single one.

    Of a single event kubectl reads the first time.
    """
    if count is None or count <= 1:
        return age_of(first_seen, now)
    return f"{age_of(last_seen, now)} (x{count} over {age_of(first_seen, now)})"


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


def zone(name: str) -> tzinfo:
    """The time zone of that name: UTC, local, or one of the IANA database such as Europe/Berlin."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    if name.upper() in {"UTC", "Z"}:
        return UTC
    if name.lower() == "local":
        return _local_zone()
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise UsageError(f'there is no time zone "{name}"', "Name one like Europe/Berlin, or UTC, or local.") from error
