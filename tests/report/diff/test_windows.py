"""Which two windows the flags of a comparison specify."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kevents.errors import UsageError
from kevents.report.diff.windows import Bound, Window, windows
from tests.observations import NOW, at

OPEN = Window(None, None)
NOTHING = Bound()


def moment(clock: str) -> Bound:
    return Bound(at=at(clock))


def span(since: str | None, until: str | None) -> Bound:
    return Bound(window=window(since, until))


def window(since: str | None, until: str | None) -> Window:
    return Window(since and at(since), until and at(until))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "selected", "expected"),
    [
        # now is 12:00: two hours after, two hours before
        (moment("10:00"), NOTHING, OPEN, (window("08:00", "10:00"), window("10:00", "12:00"))),
        (NOTHING, moment("10:00"), OPEN, (window("08:00", "10:00"), window("10:00", "12:00"))),
        # a rollout in between is left out
        (moment("10:00"), moment("11:00"), OPEN, (window("09:00", "10:00"), window("11:00", "12:00"))),
        # --since and --until are the outer ends
        (moment("10:00"), NOTHING, window("07:00", None), (window("07:00", "10:00"), window("10:00", "12:00"))),
        (moment("10:00"), NOTHING, window(None, "11:00"), (window("09:00", "10:00"), window("10:00", "11:00"))),
        # without a split point, they are the later window
        (NOTHING, NOTHING, window("11:00", None), (window("10:00", "11:00"), window("11:00", "12:00"))),
        (NOTHING, NOTHING, window("09:00", "09:30"), (window("08:30", "09:00"), window("09:00", "09:30"))),
        # explicit windows
        (span("01:00", "02:00"), span("05:00", "09:00"), OPEN, (window("01:00", "02:00"), window("05:00", "09:00"))),
        (span("01:00", "02:00"), NOTHING, OPEN, (window("01:00", "02:00"), window("02:00", "12:00"))),
        (NOTHING, span("05:00", "09:00"), OPEN, (window("01:00", "05:00"), window("05:00", "09:00"))),
        (moment("03:00"), span("05:00", "06:00"), OPEN, (window("02:00", "03:00"), window("05:00", "06:00"))),
        (span("01:00", "02:00"), moment("10:00"), OPEN, (window("01:00", "02:00"), window("10:00", "12:00"))),
        (span(None, "10:00"), span("11:00", None), OPEN, (window(None, "10:00"), window("11:00", "12:00"))),
        (span("09:00", None), moment("11:00"), OPEN, (window("09:00", "11:00"), window("11:00", "12:00"))),
    ],
)
def test_an_unspecified_window_follows_from_the_other(before, after, selected, expected):
    assert windows(before, after, selected, NOW) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NOTHING, NOTHING),
        (moment("13:00"), NOTHING),
        (span("10:00", "09:00"), NOTHING),
        (NOTHING, span("10:00", "09:00")),
        (span("08:00", "10:00"), span("09:00", "11:00")),
        (Bound(at=datetime(1, 1, 2, tzinfo=UTC)), NOTHING),
    ],
)
def test_windows_that_cannot_be_compared_are_an_error(before, after):
    with pytest.raises(UsageError):
        windows(before, after, OPEN, NOW)
