"""Why an answer is empty: what was looked at, which names nothing has, and how much there is with a filter less."""

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

_NAMED = 3  # clusters or namespaces that are named one by one
_COUNTED = 1_000_000  # observations; in more, counting again for each filter would take seconds
_TRIED = 4  # filters, each of which takes 0.2 s to be left out
_WINDOW = ("since", "until")
_ALL = Selection()

# what each filter of a selection is left out with
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
class _Found:
    """How many events a selection has, and when the newest of them was last seen."""

    events: int
    newest: datetime | None


def why(request: Request, names: Mapping[str, str]) -> Iterator[str]:
    """Sentences for a person, beginning with what was looked at.

    names: names that the question asks for beside the filters, by their sort: {"image": "nginx"}.
    """
    yield _looked_at(request)
    if strangers := list(unknown_names(request, names)):
        yield from strangers
    elif widened := _widened(request):
        yield widened


def _looked_at(request: Request) -> str:
    held = _held(request)
    noun = "observation" if held == 1 else "observations"
    parts = (_clusters(request), _namespaces(request.selection), _window(request))
    return f"Looked at {held:,} {noun} of {', '.join(filter(None, parts))}, in {escape(str(request.store.directory))}."


def _held(request: Request) -> int:
    """Observations of the clusters and days in question, which is known without opening a file."""
    chosen = request.selection
    held = [
        file.rows
        for file in request.store.snapshot.files
        if chosen.has_cluster(file.cluster)
        and not (chosen.since and file.day and file.day < chosen.since.date())
        and not (chosen.until and file.day and file.day > chosen.until.date())
    ]
    return sum(held) + request.store.live_rows


def _clusters(request: Request) -> str:
    """The clusters of the store that were looked at, by name where they are few."""
    labels = {file.cluster for file in request.store.snapshot.files} | {
        part.cluster for part in request.store.snapshot.journal
    }
    chosen = sorted(filter(request.selection.has_cluster, labels))
    return _counted("cluster", chosen) if chosen else "no cluster"


def _namespaces(selection: Selection) -> str:
    return _counted("namespace", selection.namespaces) if selection.namespaces else "all namespaces"


def _counted(noun: str, names: Sequence[str]) -> str:
    if len(names) > _NAMED:
        return f"{len(names)} {noun}s"
    return f"{noun}{'s' if len(names) > 1 else ''} {' and '.join(map(escape, names))}"


def _window(request: Request) -> str:
    since, until = request.selection.since, request.selection.until
    told = [f"since {clock.absolute(since, request.output.zone)}"] if since else []
    return " ".join([*told, *([f"until {clock.absolute(until, request.output.zone)}"] if until else [])])


def _widened(request: Request) -> str | None:
    """How many events there are without each of the filters that may be why there are none."""
    names = _narrowing(request)
    if not names:
        return None
    whole = replace(request, selection=replace(request.selection, since=None, until=None))
    if len(names) > _TRIED or _held(whole) > _COUNTED:
        return f"Ask again {' or '.join(_WITHOUT[name] for name in names)}."
    with suppress(KeventsError):  # of a damaged file, which the answer itself told
        found = {name: _count(request, replace(request.selection, **{name: getattr(_ALL, name)})) for name in names}
        if told := [_told(name, one, request) for name, one in found.items() if one.events]:
            sentence = "; ".join(told)
            return f"{sentence[0].upper()}{sentence[1:]}."
        return f"There are none {' or '.join(_WITHOUT[name] for name in names)} either."
    return None


def _narrowing(request: Request) -> list[str]:
    """The filters that are set; only the window's, where nothing at all is of that time."""
    names = [name for name in _WITHOUT if getattr(request.selection, name) != getattr(_ALL, name)]
    window = [name for name in names if name in _WINDOW]
    return window if window and not _held(request) else names


def _told(name: str, found: _Found, request: Request) -> str:
    is_are = "is 1 event" if found.events == 1 else f"are {found.events:,} events"
    newest = ""
    if name in _WINDOW and found.newest:
        newest = f", the newest of {clock.absolute(found.newest, request.output.zone)}"
    return f"{_WITHOUT[name]} there {is_are}{newest}"


def _count(request: Request, selection: Selection) -> _Found:
    engine = request.store.engine(selection, request.output.now)
    (row,) = engine.rows("SELECT count(*) AS events, max(last_seen) AS newest FROM events")
    return _Found(**row)
