"""Explains an empty result: what was searched, unknown names, and how many events there are without a filter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.unknown_names import unknown_names
from kevents.errors import KeventsError
from kevents.escape import escape
from kevents.query.selection import Selection

if TYPE_CHECKING:
    from datetime import datetime

    from kevents.cli.request import Request

_MOST_NAMES = 3  # clusters or namespaces; of more, only the number is shown
_MOST_OBSERVATIONS = 1_000_000  # in a larger store, counting again for each filter would take seconds
_MOST_FILTERS = 4  # to count without, which takes 0.2 s each
_WINDOW = ("since", "until")
_ALL = Selection()

# how to leave out each filter of a selection
_WITHOUT = {
    "clusters": "without --cluster",
    "namespaces": "with -A",
    "kinds": "without --kind",
    "names": "without --name",
    "objects": "without --for",
    "reasons": "without --reason",
    "types": "without --type",
    "nodes": "without --node",
    "components": "without --component",
    "severities": "without --severity",
    "categories": "without --category",
    "greps": "without --grep",
    "since": "without --since",
    "until": "without --until",
    "min_count": "without --min-count",
}


@dataclass(frozen=True)
class _Count:
    """The number of events in a selection, and when the newest was last seen."""

    events: int
    newest: datetime | None


def explain(request: Request, names: Mapping[str, str]) -> Iterator[str]:
    """Sentences that explain an empty result.

    names: the names in the request's own arguments, by type: {"image": "nginx"}.
    """
    yield _searched(request)
    if unknown := list(unknown_names(request, names)):
        yield from unknown
    elif counts := _without_filters(request):
        yield counts


def _searched(request: Request) -> str:
    observations = _observations(request)
    noun = "observation" if observations == 1 else "observations"
    parts = (_clusters(request), _namespaces(request.selection), _window(request))
    directory = escape(str(request.store.directory))
    return f"Searched {observations:,} {noun} in {directory} ({', '.join(filter(None, parts))})."


def _observations(request: Request) -> int:
    """The observations of the selected clusters and days, counted without opening a file."""
    selection = request.selection
    rows = [
        file.rows
        for file in request.store.snapshot.files
        if selection.has_cluster(file.cluster)
        and not (selection.since and file.day and file.day < selection.since.date())
        and not (selection.until and file.day and file.day > selection.until.date())
    ]
    return sum(rows) + request.store.live_rows


def _clusters(request: Request) -> str:
    """The selected clusters of the store."""
    labels = {file.cluster for file in request.store.snapshot.files} | {
        part.cluster for part in request.store.snapshot.journal
    }
    selected = sorted(filter(request.selection.has_cluster, labels))
    return _named("cluster", selected) if selected else "no cluster"


def _namespaces(selection: Selection) -> str:
    return _named("namespace", selection.namespaces) if selection.namespaces else "all namespaces"


def _named(noun: str, names: Sequence[str]) -> str:
    """`cluster prod`, `clusters dev and prod`, `7 clusters`."""
    if len(names) > _MOST_NAMES:
        return f"{len(names)} {noun}s"
    return f"{noun}{'s' if len(names) > 1 else ''} {' and '.join(map(escape, names))}"


def _window(request: Request) -> str:
    ends = (("since", request.selection.since), ("until", request.selection.until))
    return " ".join(f"{word} {clock.absolute(end, request.output.zone)}" for word, end in ends if end)


def _without_filters(request: Request) -> str | None:
    """A sentence on the number of events without each filter, or None if there is nothing to say."""
    filters = _filters_to_blame(request)
    if not filters:
        return None
    any_time = replace(request, selection=replace(request.selection, since=None, until=None))
    if len(filters) > _MOST_FILTERS or _observations(any_time) > _MOST_OBSERVATIONS:
        return f"Try again {_listed(filters)}."
    with suppress(KeventsError):  # a damaged file, which was reported with the result
        counts = {name: _count(request, replace(request.selection, **{name: getattr(_ALL, name)})) for name in filters}
        if lines := [_line(name, count, request) for name, count in counts.items() if count.events]:
            text = "; ".join(lines)
            return f"{text[0].upper()}{text[1:]}."
        return f"No events {_listed(filters)} either."
    return None


def _listed(filters: Sequence[str]) -> str:
    """`with -A, without --kind or without --grep`."""
    *others, last = (_WITHOUT[name] for name in filters)
    return f"{', '.join(others)} or {last}" if others else last


def _filters_to_blame(request: Request) -> list[str]:
    """The filters that are set; only those of the time window if the store has nothing in it."""
    filters = [name for name in _WITHOUT if getattr(request.selection, name) != getattr(_ALL, name)]
    window = [name for name in filters if name in _WINDOW]
    return window if window and not _observations(request) else filters


def _line(name: str, count: _Count, request: Request) -> str:
    """`without --since: 3 events, newest 2026-11-20 09:20:00Z`."""
    events = "1 event" if count.events == 1 else f"{count.events:,} events"
    newest = ""
    if name in _WINDOW and count.newest:
        newest = f", newest {clock.absolute(count.newest, request.output.zone)}"
    return f"{_WITHOUT[name]}: {events}{newest}"


def _count(request: Request, selection: Selection) -> _Count:
    engine = request.store.engine(selection, request.output.now)
    (row,) = engine.rows("SELECT count(*) AS events, max(last_seen) AS newest FROM events")
    return _Count(**row)
