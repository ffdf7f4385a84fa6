"""Time buckets, aligned to round times in the user's time zone; days start at local midnight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from kevents.errors import UsageError

_MAX_BUCKETS = 10_000
_DAY = timedelta(days=1)
_ROUND_WIDTHS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        *(1, 2, 5, 10, 15, 30),
        *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
        *(3600 * hours for hours in (1, 2, 3, 4, 6, 12)),
        *(86400 * days for days in (1, 2, 7, 28, 91, 364)),
    )
)


def auto_width(span: timedelta, buckets: int) -> timedelta:
    """The shortest round width that covers the span with at most this number of buckets."""
    sufficient = (width for width in _ROUND_WIDTHS if width * buckets >= span)
    return next(sufficient, _DAY * -(-span // (_DAY * buckets)))


def edges(since: datetime, until: datetime, width: timedelta, zone: tzinfo) -> list[datetime]:
    """The boundaries of the buckets that cover the window; the first and the last bucket may extend beyond it."""
    if width <= timedelta(0):
        raise UsageError("bucket size must be greater than zero", "Use a duration such as --bucket 5m, or auto.")
    if (until - since) / width > _MAX_BUCKETS:
        raise UsageError(
            f"too many buckets ({(until - since) // width:,})",
            f"Use a larger --bucket or a shorter window; at most {_MAX_BUCKETS:,} buckets are possible.",
        )
    try:
        edge = _days(since, width // _DAY, zone) if width % _DAY == timedelta(0) else _steps(since, width, zone)
        moments = [edge(0)]
        while moments[-1] < until:
            moments.append(edge(len(moments)))
    except OverflowError:
        raise UsageError("this window extends beyond the year 9999", "Give --since and --until.") from None
    return moments if len(moments) > 1 else [*moments, edge(1)]


def _days(since: datetime, days: int, zone: tzinfo) -> Callable[[int], datetime]:
    """Local midnights. Multiples of days are counted from a Monday, so that 7 days are a calendar week."""
    first = since.astimezone(zone).date()
    first -= timedelta(days=(first.toordinal() - 1) % days)

    def edge(number: int) -> datetime:
        day = first + timedelta(days=days * number)
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

    return edge


def _steps(since: datetime, width: timedelta, zone: tzinfo) -> Callable[[int], datetime]:
    """Multiples of the width from midnight, in the zone's UTC offset at the start of the window."""
    offset = since.astimezone(zone).utcoffset() or timedelta(0)
    midnight = datetime(1970, 1, 1, tzinfo=UTC) - offset
    first = midnight + (since - midnight) // width * width
    return partial(_after, first, width)


def _after(first: datetime, width: timedelta, number: int) -> datetime:
    return first + width * number
