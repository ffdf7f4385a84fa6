"""What a store covers: a row for each span of time that a cluster was watched, listed or imported, and for each gap."""

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
    """Every span by cluster, scope and time. recovered: all of a gap came late, or only the latest state of it."""
    rows = [_row(cluster, span) for cluster, spans in covered.items() for span in spans]
    return Result.of_rows(_COLUMNS, rows, empty=f"The store in {directory} has no coverage information.")


def missed(covered: Mapping[str, Sequence[Span]], selection: Selection, zone: tzinfo) -> list[str]:
    """Sentences on what the selection's clusters lack of its window: never recorded, damaged since, or pruned."""
    sentences = []
    for cluster, found in holes(covered, selection).items():
        if gaps := [span for span in found if span.state is not State.PRUNED]:
            sentences.append(_sentence(cluster, gaps, zone))
    for cluster, spans in covered.items():
        if selection.has_cluster(cluster):
            window = (selection.since, selection.until)
            sentences += [_of_lost(cluster, span, zone) for span in lost(spans, *window)]
            sentences += [_of_pruned(cluster, span, zone) for span in pruned(spans, *window)]
    return sentences


def holes(covered: Mapping[str, Sequence[Span]], selection: Selection) -> dict[str, list[Span]]:
    """What the recorders of the selection's clusters missed of its window, by cluster."""
    found = {
        cluster: uncovered(spans, selection.since, selection.until, _namespaces(selection))
        for cluster, spans in covered.items()
        if selection.has_cluster(cluster)
    }
    return {cluster: spans for cluster, spans in found.items() if spans}


def covered_time(covered: Mapping[str, Sequence[Span]], selection: Selection) -> dict[str, timedelta]:
    """How much of the window is covered, by cluster of the selection."""
    return {
        cluster: covered_duration(spans, selection.since, selection.until, _namespaces(selection))
        for cluster, spans in covered.items()
        if selection.has_cluster(cluster)
    }


def _namespaces(selection: Selection) -> tuple[str, ...]:
    """Those that are asked about by name; none for all."""
    return selection.namespaces if are_exact(selection.namespaces) else ()


def _sentence(cluster: str, holes: list[Span], zone: tzinfo) -> str:
    longest = max(holes, key=lambda hole: hole.end - hole.start)
    where = "" if longest.scope == ALL else f" in namespace {longest.scope}"
    why = f" ({longest.cause})" if longest.cause else ""
    told = f"from {clock.absolute(longest.start, zone)} to {clock.absolute(longest.end, zone)}{where}{why}"
    if len(holes) > 1:
        told = f"{len(holes)} times in this window, the longest {told}"
    return f"{cluster} was not watched {told}: updates may be missing. See kevents coverage."


def _of_lost(cluster: str, span: Span, zone: tzinfo) -> str:
    told = f"from {clock.absolute(span.start, zone)} to {clock.absolute(span.end, zone)}"
    return f"{cluster} lost observations {told}: {span.cause}. See kevents coverage."


def _of_pruned(cluster: str, span: Span, zone: tzinfo) -> str:
    what = f"what was {span.cause}" if span.cause else "all that was recorded"
    told = f"from {clock.absolute(span.start, zone)} to {clock.absolute(span.end, zone)}"
    return f"{cluster} was pruned {told}: {what} is gone."


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
