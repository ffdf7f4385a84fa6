"""Where buckets of time begin and end: on round times of the user's zone, so that a day is a day there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from kevents import clock
from kevents.errors import UsageError

_MOST = 10_000
_DAY = timedelta(days=1)
_ROUND = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        *(1, 2, 5, 10, 15, 30),
        *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
        *(3600 * hours for hours in (1, 2, 3, 4, 6, 12)),
        *(86400 * days for days in (1, 2, 7, 28, 91, 364)),
    )
)


def fitting(span: timedelta, buckets: int) -> timedelta:
    """The shortest round width of which so many buckets hold the span."""
    enough = (width for width in _ROUND if width * buckets >= span)
    return next(enough, _DAY * -(-span // (_DAY * buckets)))


def edges(since: datetime, until: datetime, width: timedelta, zone: tzinfo) -> list[datetime]:
    """The moments between which buckets of that width lie that hold all of the window, the first and last one whole."""
    if width <= timedelta(0):
        raise UsageError("a bucket of no length holds nothing", "Such as --bucket 5m, or auto.")
    if (until - since) / width > _MOST:
        amount = f"{(until - since) // width:,}"
        raise UsageError(
            f"buckets of {clock.duration(width.total_seconds())} would be {amount}",
            f"At most {_MOST:,}: take longer ones, or a shorter window with --since and --until.",
        )
    try:
        edge = _days(since, width // _DAY, zone) if width % _DAY == timedelta(0) else _steps(since, width, zone)
        found = [edge(0)]
        while found[-1] < until:
            found.append(edge(len(found)))
    except OverflowError:
        raise UsageError("this window reaches beyond the year 9999", "Give --since and --until.") from None
    return found if len(found) > 1 else [*found, edge(1)]


def _days(since: datetime, days: int, zone: tzinfo) -> Callable[[int], datetime]:
    """Midnights; several days are counted from a Monday, so that weeks are weeks."""
    first = since.astimezone(zone).date()
    first -= timedelta(days=(first.toordinal() - 1) % days)

    def edge(number: int) -> datetime:
        day = first + timedelta(days=days * number)
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

    return edge


def _steps(since: datetime, width: timedelta, zone: tzinfo) -> Callable[[int], datetime]:
    """Multiples of the width since midnight as the zone's clock stood when the window began."""
    offset = since.astimezone(zone).utcoffset() or timedelta(0)
    midnight = datetime(1970, 1, 1, tzinfo=UTC) - offset
    first = midnight + (since - midnight) // width * width
    return partial(_after, first, width)


def _after(first: datetime, width: timedelta, number: int) -> datetime:
    return first + width * number
