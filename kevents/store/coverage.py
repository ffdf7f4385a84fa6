"""Coverage: the time spans in which a cluster was watched, listed or imported, and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from kevents.event.version import EventVersion

_MAX_SPANS = 500  # of one scope and state; if there are more, the oldest are joined
SEVERAL = "several"  # the cause of a gap that was joined from gaps with different causes

_EVENT_TTL = timedelta(hours=1)  # how long an API server keeps an event by default

ALL = "*"  # the scope of all namespaces; any other scope is the name of a namespace


class State(StrEnum):
    WATCHED = "watched"  # every update was stored
    LISTED = "listed"  # at this moment, the latest state of all events in the cluster was stored
    IMPORTED = "imported"  # covered by a dump; how completely is unknown
    GAP = "gap"  # no recorder was running, or it had no connection
    LOST = "lost"  # observations were damaged on disk; the cause says how many
    PRUNED = "pruned"  # observations were pruned: all of them, or those below the severity in the cause


_KNOWN = {State.WATCHED, State.LISTED, State.IMPORTED}


@dataclass(frozen=True, slots=True)
class Span:
    """A time range of one scope. cause, recovered and detail describe a gap, as reported by the watch."""

    scope: str
    state: State
    start: datetime
    end: datetime
    cause: str | None = None
    recovered: str | None = None  # all: every update was fetched later; latest: updates in between are lost
    detail: str | None = None

    @property
    def entry(self) -> dict[str, str]:
        """The span as a JSON object."""
        times = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return {key: value for key, value in asdict(self).items() if value is not None} | times

    @classmethod
    def of(cls, entry: Mapping[str, str]) -> Span:
        """The span of a JSON object. Raises ValueError, KeyError or TypeError if it is not valid."""
        times = {key: datetime.fromisoformat(entry[key]) for key in ("start", "end")}
        return cls(**{**entry, **times, "state": State(entry["state"])})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a watch can resume: everything up to this version is durable.

    at: the last contact with the server. last_event: the newest event then, if there was any.
    """

    resource_version: int
    at: datetime
    last_event: EventVersion | None = None

    @property
    def entry(self) -> dict[str, object]:
        """The checkpoint as a JSON object."""
        last = {"last_event": self.last_event.entry} if self.last_event else {}
        return {"resource_version": self.resource_version, "at": self.at.isoformat(), **last}

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Checkpoint:
        """The checkpoint of a JSON object. Raises ValueError, KeyError or TypeError if it is not valid."""
        at, last_event = datetime.fromisoformat(entry["at"]), EventVersion.of_entry(entry.get("last_event"))
        return cls(entry["resource_version"], at, last_event)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same coverage in as few spans as possible, sorted. Very old spans are joined, with less detail."""
    by_kind: dict[tuple[object, ...], list[Span]] = {}
    for span in spans:
        by_kind.setdefault((span.scope, span.state, span.cause, span.recovered), []).append(span)
    joined = [span for same_kind in by_kind.values() for span in _joined(same_kind)]
    limited: list[Span] = []
    for scope in {span.scope for span in joined}:
        limited += _limited(_simplify_pruned(_cut_by_gaps([span for span in joined if span.scope == scope])))
    return tuple(sorted(limited, key=lambda span: (span.scope, span.start, span.end, span.state)))


def uncovered(
    spans: Sequence[Span], since: datetime | None, until: datetime | None, namespaces: Sequence[str] = ()
) -> list[Span]:
    """The parts of a time window without data: gaps in the recording of a cluster, and what was pruned completely.

    A gap is time between watched spans for which updates may be missing. namespaces: empty for all.
    """
    scopes = [(name, {ALL, name}) for name in namespaces]
    if not scopes:
        watched = sorted({span.scope for span in spans if span.state is State.WATCHED})
        scopes = [(ALL, {ALL})] if ALL in watched else [(name, {name}) for name in watched]
    missing = [span for span in pruned(spans, since, until) if not span.cause]
    for scope, sources in scopes:
        recorded = [span for span in spans if span.scope in sources and span.state in (State.WATCHED, State.GAP)]
        missing += (part for gap in _gaps(scope, recorded) if (part := clipped(gap, since, until)))
    return missing


def covered_duration(
    spans: Sequence[Span], since: datetime | None, until: datetime | None, namespaces: Sequence[str] = ()
) -> timedelta:
    """How much of a time window is covered by watches, dumps and lists, without the gaps that `uncovered` returns.

    A list covers the hour before it, because an API server keeps events for that long.
    """
    known = [_known_time(span) for span in spans if span.state in _KNOWN or span.recovered == "all"]
    scopes = {ALL, *namespaces} if namespaces or any(span.scope == ALL for span in known) else {s.scope for s in known}
    selected = [replace(span, scope=ALL) for span in known if span.scope in scopes]
    missing = uncovered(spans, since, until, namespaces)
    parts = (clipped(part, since, until) for span in _joined(selected) for part in without(span, missing))
    return sum((part.end - part.start for part in parts if part), timedelta())


def lost(spans: Iterable[Span], since: datetime | None, until: datetime | None) -> list[Span]:
    """The parts of a time window whose observations were damaged on disk."""
    return [part for span in spans if span.state is State.LOST and (part := clipped(span, since, until))]


def pruned(spans: Iterable[Span], since: datetime | None, until: datetime | None) -> list[Span]:
    """The parts of a time window that were pruned: completely, or below the severity that the cause names."""
    return [part for span in spans if span.state is State.PRUNED and (part := clipped(span, since, until))]


def _known_time(span: Span) -> Span:
    """The time that a span covers, as a watched span."""
    start = span.start - _EVENT_TTL if span.state is State.LISTED else span.start
    return Span(span.scope, State.WATCHED, start, span.end)


def _gaps(scope: str, spans: list[Span]) -> list[Span]:
    """The gaps between watched spans, each with the cause of the recorded gap that overlaps most of it."""
    watched = _joined(
        [
            replace(span, scope=scope, state=State.WATCHED, cause=None, recovered=None, detail=None)
            for span in spans
            if span.state is State.WATCHED or span.recovered == "all"
        ]
    )
    recorded = [span for span in spans if span.state is State.GAP]
    gaps = []
    for before, after in pairwise(watched):
        gap = Span(scope, State.GAP, before.end, after.start)
        match = max(recorded, key=lambda span: _overlap(span, gap), default=None)
        if match and _overlap(match, gap) > 0:
            gap = replace(gap, cause=match.cause, recovered=match.recovered, detail=match.detail)
        gaps.append(gap)
    return gaps


def _overlap(first: Span, second: Span) -> float:
    """The seconds that both spans share; negative if they do not overlap."""
    return (min(first.end, second.end) - max(first.start, second.start)).total_seconds()


def clipped(span: Span, since: datetime | None, until: datetime | None) -> Span | None:
    """The part of a span inside a time window; None if there is none."""
    start, end = max(span.start, since or span.start), min(span.end, until or span.end)
    return replace(span, start=start, end=end) if start < end else None


def _joined(spans: list[Span]) -> list[Span]:
    """Spans of one kind, joined where they touch or overlap."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = replace(joined[-1], end=max(joined[-1].end, span.end), detail=span.detail or joined[-1].detail)
        else:
            joined.append(span)
    return joined


def _cut_by_gaps(spans: list[Span]) -> list[Span]:
    """The spans of one scope without watched time inside a lossy gap: a watch can stay open but receive nothing."""
    lossy = [span for span in spans if span.state is State.GAP and span.recovered == "latest"]
    return [
        part
        for span in spans
        for part in (without(span, lossy) if span.state is State.WATCHED or span.recovered == "all" else [span])
    ]


def _simplify_pruned(spans: list[Span]) -> list[Span]:
    """The spans of one scope without partly pruned time that was pruned completely later."""
    complete = [span for span in spans if span.state is State.PRUNED and not span.cause]
    return [
        part
        for span in spans
        for part in (without(span, complete) if span.state is State.PRUNED and span.cause else [span])
    ]


def without(span: Span, others: Iterable[Span]) -> list[Span]:
    """The parts of a span outside all the others."""
    parts = [span]
    for other in others:
        parts = [rest for part in parts for rest in _cut(part, other)]
    return parts


def _cut(span: Span, other: Span) -> list[Span]:
    if _overlap(span, other) <= 0:
        return [span]
    sides = ((span.start, other.start), (other.end, span.end))
    return [replace(span, start=start, end=end) for start, end in sides if start < end]


def _limited(spans: list[Span]) -> list[Span]:
    """The spans of one scope, at most _MAX_SPANS per state. Old gaps are joined, with the watched time between them."""
    by_state = {
        state: sorted((span for span in spans if span.state is state), key=lambda span: span.start) for state in State
    }
    for state in (State.GAP, State.IMPORTED, State.LISTED, State.LOST, State.PRUNED):
        while len(by_state[state]) > _MAX_SPANS:
            first, second, *rest = by_state[state]
            by_state[state] = [_join(first, second), *rest]
    oldest = by_state[State.GAP][0] if by_state[State.GAP] else None
    watched = [s for s in by_state[State.WATCHED] if not (oldest and oldest.start <= s.start and s.end <= oldest.end)]
    by_state[State.WATCHED] = watched[-_MAX_SPANS:]
    # a list adds nothing to a watch that was running
    by_state[State.LISTED] = [
        listed
        for listed in by_state[State.LISTED]
        if not any(span.start <= listed.start and listed.end <= span.end for span in watched)
    ]
    return [span for of_state in by_state.values() for span in of_state]


def _join(first: Span, second: Span) -> Span:
    cause = first.cause if first.cause == second.cause else SEVERAL
    recovered = first.recovered if first.recovered == second.recovered else "latest"
    end = max(first.end, second.end)
    return Span(first.scope, first.state, first.start, end, cause, recovered, first.detail)
