"""Coverage: spans are joined, old spans are limited without claiming more than was watched, and gaps are found."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kevents.store.coverage import ALL, SEVERAL, Span, State, covered_duration, merged, uncovered
from tests.store.small_recorder import NOW


def at(minute: float) -> datetime:
    return NOW + timedelta(minutes=minute)


def watched(start: float, end: float, scope: str = ALL) -> Span:
    return Span(scope, State.WATCHED, at(start), at(end))


def gap(start: float, end: float, cause: str = "broken", recovered: str = "latest", scope: str = ALL) -> Span:
    return Span(scope, State.GAP, at(start), at(end), cause, recovered)


def imported(start: float, end: float) -> Span:
    return Span(ALL, State.IMPORTED, at(start), at(end))


def listed(minute: float) -> Span:
    return Span(ALL, State.LISTED, at(minute), at(minute))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([watched(0, 1), watched(1, 2), watched(2, 3)], [watched(0, 3)]),
        ([watched(2, 3), watched(0, 1)], [watched(0, 1), watched(2, 3)]),
        ([watched(0, 5), watched(1, 2)], [watched(0, 5)]),
        ([watched(0, 1), watched(1, 2, "shop")], [watched(0, 1), watched(1, 2, "shop")]),
        ([watched(0, 1), gap(1, 2), watched(2, 3)], [watched(0, 1), gap(1, 2), watched(2, 3)]),
        ([gap(1, 2), gap(1, 2)], [gap(1, 2)]),
        ([gap(1, 2, "broken"), gap(2, 3, "silent")], [gap(1, 2, "broken"), gap(2, 3, "silent")]),
        ([listed(0), listed(9), watched(1, 2)], [listed(0), watched(1, 2), listed(9)]),
        ([listed(1), watched(1, 2)], [watched(1, 2)]),
        ([imported(0, 2), imported(1, 3), imported(4, 5)], [imported(0, 3), imported(4, 5)]),
        ([], []),
    ],
)
def test_spans_that_touch_are_joined(spans: list[Span], expected: list[Span]) -> None:
    assert merged(spans) == tuple(expected)
    assert merged(merged(spans)) == merged(spans)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([watched(0, 9), gap(3, 5, "reset")], [watched(0, 3), gap(3, 5, "reset"), watched(5, 9)]),
        ([gap(3, 5, "reset"), watched(3.5, 4)], [gap(3, 5, "reset")]),
        ([watched(0, 4), gap(4, 4.5, "brief", "all"), gap(3, 6, "reset")], [watched(0, 3), gap(3, 6, "reset")]),
        (
            [watched(0, 9), gap(3, 5, "reset"), gap(6, 7)],
            [watched(0, 3), gap(3, 5, "reset"), watched(5, 6), gap(6, 7), watched(7, 9)],
        ),
        ([watched(0, 9), gap(3, 5, "reset", scope="shop")], [watched(0, 9), gap(3, 5, "reset", scope="shop")]),
    ],
)
def test_a_gap_with_lost_updates_overrides_watched_time(spans: list[Span], expected: list[Span]) -> None:
    assert merged(spans) == tuple(expected)
    assert merged(reversed(spans)) == tuple(expected)


def test_joined_old_gaps_replace_the_watched_time_between_them_and_never_the_reverse() -> None:
    spans = [
        span
        for minute in range(0, 6000, 2)
        for span in (watched(minute, minute + 1), gap(minute + 1, minute + 2, "silent" if minute % 4 else "broken"))
    ]
    limited = merged(spans)
    assert len(limited) <= 1001
    assert limited[0] == watched(0, 1)
    assert limited[1] == Span(ALL, State.GAP, at(1), at(6000 - 998), SEVERAL, "latest")
    assert limited[-2:] == (watched(5998, 5999), gap(5999, 6000, "silent"))
    assert merged(limited) == limited


@pytest.mark.parametrize(
    ("spans", "since", "until", "expected"),
    [
        ([watched(0, 10), gap(10, 20, "stopped"), watched(20, 30)], 0, 30, [gap(10, 20, "stopped")]),
        ([watched(0, 10), gap(10, 20, "stopped"), watched(20, 30)], 15, None, [gap(15, 20, "stopped")]),
        ([watched(0, 10), gap(10, 20, "stopped"), watched(20, 30)], None, 12, [gap(10, 12, "stopped")]),
        ([watched(0, 10), gap(10, 20, "stopped"), watched(20, 30)], 20, 30, []),
        ([watched(0, 10), gap(10, 20), watched(20, 30)], -60, 5, []),
        # updates that were fetched later are not missing
        ([watched(0, 10), gap(10, 20, recovered="all"), watched(20, 30)], 0, 30, []),
        # a gap without a recorded cause
        ([watched(0, 10), watched(20, 30)], 0, 30, [Span(ALL, State.GAP, at(10), at(20))]),
        # only the time between watched spans can be a gap; dumps and lists alone have none
        ([watched(0, 10)], -100, 100, []),
        ([imported(0, 10), imported(20, 30)], 0, 30, []),
        ([listed(0), listed(20)], 0, 30, []),
    ],
)
def test_a_gap_is_the_time_between_watched_spans(
    spans: list[Span], since: int | None, until: int | None, expected: list[Span]
) -> None:
    window = [None if minute is None else at(minute) for minute in (since, until)]
    assert uncovered(spans, *window) == expected


def test_a_namespace_is_covered_by_its_own_watch_and_by_one_of_all_namespaces() -> None:
    spans = [watched(0, 10), gap(10, 20), watched(20, 30), watched(5, 15, "shop"), gap(15, 18, scope="shop")]
    assert uncovered(spans, at(0), at(30)) == [gap(10, 20)]
    (missing,) = uncovered(spans, at(0), at(30), ["shop"])
    assert (missing.scope, missing.start, missing.end) == ("shop", at(15), at(20))
    assert uncovered(spans, at(0), at(30), ["other"]) == [gap(10, 20, scope="other")]


def test_without_a_watch_of_all_namespaces_each_watched_namespace_counts() -> None:
    spans = [watched(0, 10, "a"), gap(10, 20, scope="a"), watched(20, 30, "a"), watched(0, 30, "b")]
    assert uncovered(spans, at(0), at(30)) == [gap(10, 20, scope="a")]
    assert uncovered(spans, at(0), at(30), ["b"]) == []
    assert uncovered(spans, at(0), at(30), ["c"]) == []


@pytest.mark.parametrize(
    ("spans", "minutes"),
    [
        ([], 0),
        ([watched(0, 60)], 60),
        ([watched(-30, 10), watched(20, 90)], 50),  # a gap of ten minutes, and time outside the window
        ([watched(0, 10), gap(10, 20, "brief", "all"), watched(20, 60)], 60),  # updates that were fetched later
        ([watched(0, 60), watched(0, 60, "shop")], 60),
        ([watched(0, 20, "shop"), watched(10, 30, "pay")], 30),
        ([imported(0, 30), watched(20, 40)], 40),
        ([imported(0, 60), watched(0, 10), watched(50, 60)], 20),  # a dump does not fill the gap of a recorder
        ([listed(30)], 30),  # an API server keeps an event for an hour
        ([listed(120)], 0),
        ([Span(ALL, State.PRUNED, at(0), at(20)), watched(20, 60)], 40),
    ],
)
def test_the_covered_duration_includes_watched_listed_and_imported_time(spans: list[Span], minutes: float) -> None:
    assert covered_duration(spans, at(0), at(60)) == timedelta(minutes=minutes)


def test_the_covered_duration_of_a_namespace_includes_its_own_watch() -> None:
    spans = [watched(0, 20, "shop"), watched(40, 60)]
    assert covered_duration(spans, at(0), at(60), ["shop"]) == timedelta(minutes=40)
    assert covered_duration(spans, at(0), at(60), ["pay"]) == timedelta(minutes=20)
    assert covered_duration(spans, at(0), at(60)) == timedelta(minutes=20)
