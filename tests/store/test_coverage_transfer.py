"""Coverage that goes from one store into another claims no more than the observations bear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kevents.store.coverage import ALL, Span, State, merged
from kevents.store.coverage_transfer import TransferScope, adopted

TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def span(state: State, start: int, end: int, scope: str = ALL, **why: str) -> Span:
    return Span(scope, state, at(start), at(end), **why)


WATCHED = span(State.WATCHED, 0, 60)
GAP = span(State.GAP, 60, 70, cause="no contact", recovered="latest")


def test_a_window_takes_the_spans_that_lie_in_it_and_cuts_the_others() -> None:
    part = TransferScope(at(30), at(65))
    assert (
        part.share([WATCHED, GAP, span(State.IMPORTED, 0, 20)])
        == (
            span(State.GAP, 60, 65, cause="no contact", recovered="latest"),
            span(State.WATCHED, 30, 60),
        )[::-1]
    )


def test_a_list_covers_its_moment_if_that_lies_in_the_window() -> None:
    lists = [span(State.LISTED, minute, minute) for minute in (9, 10, 19, 20)]
    assert TransferScope(at(10), at(20)).share(lists) == (span(State.LISTED, 10, 10), span(State.LISTED, 19, 19))
    assert TransferScope().share(lists) == tuple(lists)


def test_what_was_chosen_by_more_than_time_and_namespace_was_not_watched_as_a_whole() -> None:
    assert TransferScope(is_whole=False).share([WATCHED, GAP]) == (span(State.IMPORTED, 0, 60), GAP)


def test_a_namespace_of_what_was_watched_as_a_whole_was_watched_and_no_other() -> None:
    of_shop = span(State.WATCHED, 90, 95, "shop")
    of_bank = span(State.WATCHED, 90, 95, "bank")
    shared = TransferScope(scopes=("shop",)).share([WATCHED, of_shop, of_bank])
    assert shared == (span(State.WATCHED, 0, 60, "shop"), of_shop)
    assert set(TransferScope().share([WATCHED, of_shop])) == {WATCHED, of_shop}


def test_an_empty_store_takes_over_all_that_is_told() -> None:
    told = [WATCHED, GAP, span(State.PRUNED, 70, 80, cause="below warning"), span(State.LOST, 10, 20, cause="3")]
    assert adopted([], told) == told


def test_what_another_store_missed_takes_nothing_from_what_this_one_watched() -> None:
    own = (span(State.WATCHED, 55, 65),)
    after = merged((*own, *adopted(own, [WATCHED, GAP])))
    assert after == (span(State.WATCHED, 0, 65), span(State.GAP, 65, 70, cause="no contact", recovered="latest"))


def test_a_watch_of_one_namespace_says_nothing_against_a_gap_in_all() -> None:
    assert adopted([span(State.WATCHED, 55, 75, "shop")], [GAP]) == [GAP]


def test_to_take_the_same_over_twice_changes_nothing() -> None:
    told = [WATCHED, GAP, span(State.WATCHED, 70, 90), span(State.LOST, 10, 20, cause="3")]
    once = merged(adopted([], told))
    assert merged((*once, *adopted(once, told))) == once


def test_a_span_is_itself_again_after_it_was_written() -> None:
    for one in (WATCHED, GAP, span(State.LISTED, 5, 5, "shop", detail="\x1b[31m")):
        assert Span.of(one.entry) == one
