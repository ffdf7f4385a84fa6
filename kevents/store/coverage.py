"""Coverage: for which spans of time a cluster was watched, listed or imported, and the gaps between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

_MOST = 500  # spans of one scope and state; beyond, the oldest are joined
SEVERAL = "several"  # the cause of a gap that was joined from gaps of different causes

_KEPT = timedelta(hours=1)  # how long an API server keeps an event that is not updated, by default

ALL = "*"  # the scope of all namespaces; every other scope is a namespace's name


class State(StrEnum):
    WATCHED = "watched"  # every update was taken
    LISTED = "listed"  # the latest state of what the cluster held at that moment was taken
    IMPORTED = "imported"  # a dump told of this time; of what, only its makers know
    GAP = "gap"  # nobody watched
    LOST = "lost"  # observations of this time were damaged on disk; cause: how many
    PRUNED = "pruned"  # what was known of this time was deleted; cause: what of it was not


_TOLD = {State.WATCHED, State.LISTED, State.IMPORTED}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time of one scope. cause, recovered and detail are a gap's, in the words of the live source."""

    scope: str
    state: State
    start: datetime
    end: datetime
    cause: str | None = None
    recovered: str | None = None  # all: it came late, nothing is missing; latest: updates in between are lost
    detail: str | None = None

    @property
    def entry(self) -> dict[str, str]:
        """The span as JSON has it."""
        times = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return {key: value for key, value in asdict(self).items() if value is not None} | times

    @classmethod
    def of(cls, entry: Mapping[str, str]) -> Span:
        """The span of an entry. Raises ValueError, KeyError or TypeError where it is none."""
        times = {key: datetime.fromisoformat(entry[key]) for key in ("start", "end")}
        return cls(**{**entry, **times, "state": State(entry["state"])})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where to go on: everything up to this version is durable, and the server was last heard at this moment."""

    resource_version: int
    at: datetime


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same coverage in as few spans as it takes, sorted; of a long past, with less detail."""
    alike: dict[tuple[object, ...], list[Span]] = {}
    for span in spans:
        alike.setdefault((span.scope, span.state, span.cause, span.recovered), []).append(span)
    joined = [span for group in alike.values() for span in _joined(group)]
    kept: list[Span] = []
    for scope in {span.scope for span in joined}:
        kept += _bounded(_deleted(_believed([span for span in joined if span.scope == scope])))
    return tuple(sorted(kept, key=lambda span: (span.scope, span.start, span.end, span.state)))


def uncovered(
    spans: Sequence[Span], since: datetime | None, until: datetime | None, namespaces: Sequence[str] = ()
) -> list[Span]:
    """The parts of a window of which nothing is known: where a cluster's recorder missed updates, as gaps, and what was
    pruned. Gaps are told only between what was watched.

    namespaces: those asked about, none for all. What came late, when a watch went on where it had stopped, is no miss.
    """
    scopes = [(name, {ALL, name}) for name in namespaces]
    if not scopes:
        watched = sorted({span.scope for span in spans if span.state is State.WATCHED})
        scopes = [(ALL, {ALL})] if ALL in watched else [(name, {name}) for name in watched]
    found = [span for span in pruned(spans, since, until) if not span.cause]
    for scope, sources in scopes:
        own = [span for span in spans if span.scope in sources and span.state in (State.WATCHED, State.GAP)]
        found += (cut for hole in _holes(scope, own) if (cut := clipped(hole, since, until)))
    return found


def length_known(
    spans: Sequence[Span], since: datetime | None, until: datetime | None, namespaces: Sequence[str] = ()
) -> timedelta:
    """For how long of a window something is known: watched, told of by a dump, or told of by a list, which holds what
    was seen in the hour before it; without what `uncovered` names.
    """
    told = [_told(span) for span in spans if span.state in _TOLD or span.recovered == "all"]
    scopes = {ALL, *namespaces} if namespaces or any(span.scope == ALL for span in told) else {s.scope for s in told}
    whole = [replace(span, scope=ALL) for span in told if span.scope in scopes]
    holes = uncovered(spans, since, until, namespaces)
    parts = [part for span in _joined(whole) for part in without(span, holes)]
    cut = (clipped(part, since, until) for part in parts)
    return sum((part.end - part.start for part in cut if part), timedelta())


def lost(spans: Iterable[Span], since: datetime | None, until: datetime | None) -> list[Span]:
    """The parts of a window of which observations were damaged on disk."""
    return [cut for span in spans if span.state is State.LOST and (cut := clipped(span, since, until))]


def pruned(spans: Iterable[Span], since: datetime | None, until: datetime | None) -> list[Span]:
    """The parts of a window of which all, or all below the severity that the cause names, was deleted."""
    return [cut for span in spans if span.state is State.PRUNED and (cut := clipped(span, since, until))]


def _told(span: Span) -> Span:
    """The time that a span tells of, whatever kind it is."""
    start = span.start - _KEPT if span.state is State.LISTED else span.start
    return Span(span.scope, State.WATCHED, start, span.end)


def _holes(scope: str, spans: list[Span]) -> list[Span]:
    """What lies between the watched spans, with the cause of the gap that says most of it."""
    watched = _joined(
        [
            replace(span, scope=scope, state=State.WATCHED, cause=None, recovered=None, detail=None)
            for span in spans
            if span.state is State.WATCHED or span.recovered == "all"
        ]
    )
    holes = []
    for before, after in pairwise(watched):
        hole = Span(scope, State.GAP, before.end, after.start)
        told = max((s for s in spans if s.state is State.GAP), key=lambda gap: _overlap(gap, hole), default=None)
        if told and _overlap(told, hole) > 0:
            hole = replace(hole, cause=told.cause, recovered=told.recovered, detail=told.detail)
        holes.append(hole)
    return holes


def _overlap(one: Span, other: Span) -> float:
    return (min(one.end, other.end) - max(one.start, other.start)).total_seconds()


def clipped(span: Span, since: datetime | None, until: datetime | None) -> Span | None:
    """The part of a span that lies in a window; None where that has no length."""
    start, end = max(span.start, since or span.start), min(span.end, until or span.end)
    return replace(span, start=start, end=end) if start < end else None


def _joined(spans: list[Span]) -> list[Span]:
    """Spans of one kind, with those that touch made one."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = replace(joined[-1], end=max(joined[-1].end, span.end), detail=span.detail or joined[-1].detail)
        else:
            joined.append(span)
    return joined


def _believed(spans: list[Span]) -> list[Span]:
    """One scope's spans without what a gap took back: after a reset, watches saw nothing and ended quietly."""
    lost = [span for span in spans if span.state is State.GAP and span.recovered == "latest"]
    return [
        part
        for span in spans
        for part in (without(span, lost) if span.state is State.WATCHED or span.recovered == "all" else [span])
    ]


def _deleted(spans: list[Span]) -> list[Span]:
    """One scope's spans; where all was pruned, that something was left before says nothing any more."""
    whole = [span for span in spans if span.state is State.PRUNED and not span.cause]
    return [
        part
        for span in spans
        for part in (without(span, whole) if span.state is State.PRUNED and span.cause else [span])
    ]


def without(span: Span, others: Iterable[Span]) -> list[Span]:
    """The parts of a span that lie in none of the others."""
    parts = [span]
    for other in others:
        parts = [left for part in parts for left in _cut(part, other)]
    return parts


def _cut(span: Span, other: Span) -> list[Span]:
    if _overlap(span, other) <= 0:
        return [span]
    sides = ((span.start, other.start), (other.end, span.end))
    return [replace(span, start=start, end=end) for start, end in sides if start < end]


def _bounded(spans: list[Span]) -> list[Span]:
    """One scope's spans, at most so many of a state. Old gaps swallow what was watched between: never the reverse."""
    of = {state: sorted((s for s in spans if s.state is state), key=lambda one: one.start) for state in State}
    for state in (State.GAP, State.IMPORTED, State.LISTED, State.LOST, State.PRUNED):
        while len(of[state]) > _MOST:
            first, second, *rest = of[state]
            of[state] = [_one(first, second), *rest]
    gap = of[State.GAP][0] if of[State.GAP] else None
    watched = [s for s in of[State.WATCHED] if not (gap and gap.start <= s.start and s.end <= gap.end)]
    of[State.WATCHED] = watched[-_MOST:]
    # a list during a watch tells nothing that the watch does not
    of[State.LISTED] = [s for s in of[State.LISTED] if not any(w.start <= s.start and s.end <= w.end for w in watched)]
    return [span for found in of.values() for span in found]


def _one(first: Span, second: Span) -> Span:
    cause = first.cause if first.cause == second.cause else SEVERAL
    recovered = first.recovered if first.recovered == second.recovered else "latest"
    end = max(first.end, second.end)
    return Span(first.scope, first.state, first.start, end, cause, recovered, first.detail)
