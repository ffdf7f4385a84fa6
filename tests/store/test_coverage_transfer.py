"""Coverage that is exported and imported claims no more than the exported observations prove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kevents.store.coverage import ALL, Span, State, merged
from kevents.store.coverage_transfer import TransferScope, adopted

TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def span(state: State, start: int, end: int, scope: str = ALL, **details: str) -> Span:
    return Span(scope, state, at(start), at(end), **details)


WATCHED = span(State.WATCHED, 0, 60)
GAP = span(State.GAP, 60, 70, cause="no contact", recovered="latest")


def test_spans_are_cut_to_the_time_window() -> None:
    scope = TransferScope(at(30), at(65))
    assert (
        scope.coverage([WATCHED, GAP, span(State.IMPORTED, 0, 20)])
        == (
            span(State.GAP, 60, 65, cause="no contact", recovered="latest"),
            span(State.WATCHED, 30, 60),
        )[::-1]
    )


def test_a_list_covers_its_moment_if_that_is_in_the_time_window() -> None:
    lists = [span(State.LISTED, minute, minute) for minute in (9, 10, 19, 20)]
    assert TransferScope(at(10), at(20)).coverage(lists) == (span(State.LISTED, 10, 10), span(State.LISTED, 19, 19))
    assert TransferScope().coverage(lists) == tuple(lists)


def test_with_filters_other_than_time_and_namespace_watched_time_becomes_imported() -> None:
    assert TransferScope(is_complete=False).coverage([WATCHED, GAP]) == (span(State.IMPORTED, 0, 60), GAP)


def test_an_exported_namespace_has_the_watched_time_of_all_namespaces_and_its_own() -> None:
    of_shop = span(State.WATCHED, 90, 95, "shop")
    of_bank = span(State.WATCHED, 90, 95, "bank")
    coverage = TransferScope(scopes=("shop",)).coverage([WATCHED, of_shop, of_bank])
    assert coverage == (span(State.WATCHED, 0, 60, "shop"), of_shop)
    assert set(TransferScope().coverage([WATCHED, of_shop])) == {WATCHED, of_shop}


def test_an_empty_store_adopts_all_coverage() -> None:
    imported = [WATCHED, GAP, span(State.PRUNED, 70, 80, cause="below warning"), span(State.LOST, 10, 20, cause="3")]
    assert adopted([], imported) == imported


def test_a_gap_of_another_store_does_not_override_watched_time() -> None:
    own = (span(State.WATCHED, 55, 65),)
    after = merged((*own, *adopted(own, [WATCHED, GAP])))
    assert after == (span(State.WATCHED, 0, 65), span(State.GAP, 65, 70, cause="no contact", recovered="latest"))


def test_a_watch_of_one_namespace_does_not_override_a_gap_of_all_namespaces() -> None:
    assert adopted([span(State.WATCHED, 55, 75, "shop")], [GAP]) == [GAP]


def test_adopting_the_same_coverage_twice_changes_nothing() -> None:
    imported = [WATCHED, GAP, span(State.WATCHED, 70, 90), span(State.LOST, 10, 20, cause="3")]
    once = merged(adopted([], imported))
    assert merged((*once, *adopted(once, imported))) == once


def test_a_span_survives_a_round_trip() -> None:
    for original in (WATCHED, GAP, span(State.LISTED, 5, 5, "shop", detail="\x1b[31m")):
        assert Span.of(original.entry) == original
