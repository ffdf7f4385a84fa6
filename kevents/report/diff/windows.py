"""The two windows of a comparison, completed from what the flags specify."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from kevents.errors import UsageError


class Window(NamedTuple):
    """A time range; an end that is None is open."""

    since: datetime | None
    until: datetime | None


class Bound(NamedTuple):
    """The value of --before or --after: a window, or the moment of an event; both are None if it is not given."""

    window: Window | None = None
    at: datetime | None = None


def windows(before: Bound, after: Bound, selected: Window, now: datetime) -> tuple[Window, Window]:
    """The earlier and the later window. By default they are adjacent and equally long.

    selected: --since and --until. With a moment in --before or --after they are the start of the earlier and the end of
    the later window; without one they are the later window.
    """
    split = before.at or after.at
    since = _first(after.window and after.window.since, after.at, before.at, before.window and before.window.until)
    since = since or selected.since
    until = _first(after.window and after.window.until, selected.until, now)
    if since is None or until is None:
        advice = "Give --before TIME, --before deploy/NAME, --since 1h or --against CLUSTER."
        raise UsageError("nothing to compare", advice)
    if since >= until:
        raise UsageError("the later window is empty", "Write --after FROM..TO.")
    if before.window:
        first = Window(before.window.since, before.window.until or since)
    else:
        end = before.at or since
        first = Window(selected.since if split and selected.since else _earlier(end, since, until), end)
    if first.since and first.until and first.since >= first.until:
        raise UsageError("the earlier window is empty", "Write --before FROM..TO.")
    if first.until and first.until > since:
        raise UsageError("the two windows overlap")
    return first, Window(since, until)


def _first(*moments: datetime | None) -> datetime | None:
    return next((moment for moment in moments if moment is not None), None)


def _earlier(end: datetime, since: datetime, until: datetime) -> datetime:
    """The start of a window that ends at the moment and is as long as from since to until."""
    try:
        return end - (until - since)
    except OverflowError:
        raise UsageError("the earlier window would start before the year 1", "Give --before FROM..TO.") from None
