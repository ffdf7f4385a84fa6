"""The coverage of a store: one row per time range that was recorded, listed or imported, and one per gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from kevents import clock
from kevents.query.pattern import are_exact
from kevents.result import Column, Kind, Result, Show
from kevents.store.coverage import ALL, Span, State, covered_duration, lost, pruned, uncovered

if TYPE_CHECKING:
    from pathlib import Path

    from kevents.query.selection import Selection

_COLUMNS = (
    Column("cluster"),
    Column("scope"),
    Column("state"),
    Column("start", Kind.TIME, label="FROM"),
    Column("end", Kind.TIME, label="TO"),
    Column("duration", Kind.DURATION),
    Column("cause"),
    Column("recovered"),
    Column("detail", show=Show.WIDE),
)


def coverage(directory: Path, covered: Mapping[str, Sequence[Span]]) -> Result:
    """All time ranges by cluster, scope and time.

    recovered: for a gap, whether all missed updates were fetched later, or only the latest state of each event.
    """
    rows = [_row(cluster, span) for cluster, spans in covered.items() for span in spans]
    return Result.of_rows(_COLUMNS, rows, empty=f"The store in {directory} has no coverage information.")


def coverage_notes(covered: Mapping[str, Sequence[Span]], selection: Selection, zone: tzinfo) -> list[str]:
    """Notes on what is missing in the selection's window: gaps, damaged data, pruned data."""
    notes = []
    for cluster, missing in gaps(covered, selection).items():
        if not_pruned := [span for span in missing if span.state is not State.PRUNED]:
            notes.append(_gap_note(cluster, not_pruned, zone))
    for cluster, spans in covered.items():
        if selection.has_cluster(cluster):
            window = (selection.since, selection.until)
            notes += [_lost_note(cluster, span, zone) for span in lost(spans, *window)]
            notes += [_pruned_note(cluster, span, zone) for span in pruned(spans, *window)]
    return notes


def gaps(covered: Mapping[str, Sequence[Span]], selection: Selection) -> dict[str, list[Span]]:
    """The time ranges of the selection's window without coverage, by cluster."""
    by_cluster = {
        cluster: uncovered(spans, selection.since, selection.until, _namespaces(selection))
        for cluster, spans in covered.items()
        if selection.has_cluster(cluster)
    }
    return {cluster: spans for cluster, spans in by_cluster.items() if spans}


def covered_time(covered: Mapping[str, Sequence[Span]], selection: Selection) -> dict[str, timedelta]:
    """How much of the selection's window is covered, by cluster."""
    return {
        cluster: covered_duration(spans, selection.since, selection.until, _namespaces(selection))
        for cluster, spans in covered.items()
        if selection.has_cluster(cluster)
    }


def _namespaces(selection: Selection) -> tuple[str, ...]:
    """The namespaces that the selection names in full; empty for all."""
    return selection.namespaces if are_exact(selection.namespaces) else ()


def _gap_note(cluster: str, spans: list[Span], zone: tzinfo) -> str:
    longest = max(spans, key=lambda span: span.end - span.start)
    where = "" if longest.scope == ALL else f" in namespace {longest.scope}"
    cause = f" ({longest.cause})" if longest.cause else ""
    gap = f"{_range(longest, zone)}{where}{cause}"
    if len(spans) > 1:
        gap = f"{len(spans)} times in this window, the longest {gap}"
    return f"{cluster} was not recorded {gap}; updates may be missing. See kevents coverage."


def _lost_note(cluster: str, span: Span, zone: tzinfo) -> str:
    return f"{cluster} lost observations {_range(span, zone)}: {span.cause}. See kevents coverage."


def _pruned_note(cluster: str, span: Span, zone: tzinfo) -> str:
    deleted = f"events {span.cause}" if span.cause else "all events"
    return f"{cluster} was pruned {_range(span, zone)}: {deleted} were deleted."


def _range(span: Span, zone: tzinfo) -> str:
    return f"from {clock.absolute(span.start, zone)} to {clock.absolute(span.end, zone)}"


def _row(cluster: str, span: Span) -> dict[str, Any]:
    return {
        "cluster": cluster,
        "scope": "all namespaces" if span.scope == ALL else span.scope,
        "state": span.state.value,
        "start": span.start,
        "end": span.end,
        "duration": (span.end - span.start).total_seconds(),
        "cause": span.cause,
        "recovered": span.recovered,
        "detail": span.detail,
    }
