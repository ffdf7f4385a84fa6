"""The coverage table, and the notes on a window that was not fully recorded."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kevents.query.selection import Selection
from kevents.report.coverage import coverage, coverage_notes
from kevents.store.coverage import ALL, Span, State
from kevents.store.journal import control_lines
from kevents.store.store import Store
from tests.store.small_recorder import NOW, open_journal

HOUR = timedelta(hours=1)
WATCHED = Span(ALL, State.WATCHED, NOW - 5 * HOUR, NOW - 3 * HOUR)
GAP = Span(ALL, State.GAP, NOW - 3 * HOUR, NOW - 2 * HOUR, "stopped", "latest", "recorder was stopped")
AGAIN = Span(ALL, State.WATCHED, NOW - 2 * HOUR, NOW)
SPANS = (WATCHED, GAP, AGAIN)


def test_each_time_range_is_a_row_sorted_by_cluster_and_time(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    journal = open_journal(store)
    for span in (AGAIN, GAP, WATCHED, Span("shop", State.LISTED, NOW, NOW)):
        journal.note(*control_lines.span(span))
    journal.close()
    rows = [row for batch in coverage(store.directory, store.coverage()).batches for row in batch.to_pylist()]
    assert [(row["cluster"], row["scope"], row["state"], row["duration"]) for row in rows] == [
        ("prod", "all namespaces", "watched", 7200),
        ("prod", "all namespaces", "gap", 3600),
        ("prod", "all namespaces", "watched", 7200),
        ("prod", "shop", "listed", 0),
    ]
    assert (
        rows[1].items()
        >= {
            "start": NOW - 3 * HOUR,
            "end": NOW - 2 * HOUR,
            "cause": "stopped",
            "recovered": "latest",
            "detail": "recorder was stopped",
        }.items()
    )


def test_a_store_without_coverage_says_so(tmp_path: Path) -> None:
    answer = coverage(tmp_path, Store(tmp_path).coverage())
    assert sum(batch.num_rows for batch in answer.batches) == 0
    assert answer.empty == f"The store in {tmp_path} has no coverage information."


def test_a_gap_in_the_window_is_noted_with_its_times_and_cause() -> None:
    (note,) = coverage_notes({"prod": SPANS}, Selection(since=NOW - 4 * HOUR), UTC)
    assert note == (
        "prod was not recorded from 2026-11-20 09:00:00Z to 2026-11-20 10:00:00Z (stopped);"
        " updates may be missing. See kevents coverage."
    )
    (note,) = coverage_notes({"prod": SPANS}, Selection(since=NOW - 2.5 * HOUR), ZoneInfo("Europe/Berlin"))
    assert "from 2026-11-20 10:30:00+01:00 to 2026-11-20 11:00:00+01:00 (stopped)" in note


def test_several_gaps_are_one_note_that_names_the_longest() -> None:
    short = Span(ALL, State.GAP, NOW, NOW + HOUR / 2, "broken", "latest")
    spans = (*SPANS, short, Span(ALL, State.WATCHED, NOW + HOUR / 2, NOW + HOUR))
    (note,) = coverage_notes({"prod": spans}, Selection(since=NOW - 4 * HOUR), UTC)
    assert note.startswith("prod was not recorded 2 times in this window, the longest from 2026-11-20 09:00:00Z")


@pytest.mark.parametrize(
    ("filters", "is_noted"),
    [
        ({"since": NOW - HOUR}, False),
        ({"until": NOW - 3 * HOUR}, False),
        ({"until": NOW - 2.5 * HOUR}, True),
        ({"since": NOW - 4 * HOUR, "clusters": ("dev",)}, False),
        ({"since": NOW - 4 * HOUR, "clusters": ("pr*",)}, True),
        ({"since": NOW - 4 * HOUR, "clusters": ("!prod",)}, False),
        ({"since": NOW - 4 * HOUR, "clusters": ("!dev",)}, True),
        ({"since": NOW - 4 * HOUR, "namespaces": ("shop",)}, False),
        ({"since": NOW - 4 * HOUR, "namespaces": ("shop", "pay")}, True),
        ({"since": NOW - 4 * HOUR, "namespaces": ("s*",)}, True),
        ({"since": NOW - 4 * HOUR, "namespaces": ("!shop",)}, True),
    ],
)
def test_a_gap_is_noted_only_if_it_concerns_the_selection(filters: dict[str, object], is_noted: bool) -> None:
    spans = (*SPANS, Span("shop", State.WATCHED, NOW - 5 * HOUR, NOW))
    notes = coverage_notes({"prod": spans}, Selection(**filters), UTC)  # type: ignore[arg-type]
    assert bool(notes) == is_noted
