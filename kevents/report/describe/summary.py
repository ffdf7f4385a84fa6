"""Summarizes the history of an object in one paragraph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from kevents import clock
from kevents.event.severity import SEVERITIES, levels_at_least
from kevents.report.describe.event import Event, Incarnation
from kevents.report.describe.subject import Subject

_PHASES = {
    "Scheduled": "scheduled",
    "Pulled": "image pulled",
    "Started": "started",
    "Killing": "stopped",
    "Completed": "completed",
}
_MAX_CREATION_LAG_NS = 5 * 60 * 10**9  # from a pod's creation to its first own event
_BAD = levels_at_least("warning")


def summary(
    subject: Subject, incarnations: Sequence[Incarnation], family: Sequence[Event], created: Sequence[int], zone: tzinfo
) -> str:
    """When the object was seen, which phases it reached, and its worst event.

    family: the events of the object and its relatives. created: when owners reported creating it.
    """
    events = [event for incarnation in incarnations for event in incarnation.events]
    seen = f"{_seen(events, zone)}, {_counts(events, incarnations)}" if events else "no events of its own"
    sentences = [f"{subject.place} of cluster {subject.cluster}: {seen}."]
    for incarnation in incarnations:
        if phases := ", ".join(_phases(incarnation, created)):
            sentences.append(
                f"Incarnation {incarnation.number}: {phases}."
                if incarnation.total > 1
                else f"{phases[0].upper()}{phases[1:]}."
            )
    if len(family) > len(events):
        sentences.append(f"With its family: {_plural(len(family), 'event')} of {_kinds(family)}.")
    if worst := _worst(family):
        sentences.append(f"Worst: {_worst_text(worst, subject, zone)}.")
    return " ".join(sentences)


def _kinds(events: Iterable[Event]) -> str:
    """The objects of the events, counted by kind: `1 Deployment, 2 ReplicaSets, 4 Pods`."""
    counts = Counter(kind for kind, _ in {(event.kind or "object", event.name) for event in events})
    return ", ".join(_plural(amount, kind) for kind, amount in sorted(counts.items(), key=lambda item: item[::-1]))


def _seen(events: Iterable[Event], zone: tzinfo) -> str:
    seen = [moment for event in events for moment in (event.first_seen, event.last_seen) if moment]
    return f"seen {time_range(min(seen), max(seen), zone)}" if seen else "seen at an unknown time"


def time_range(first: datetime, last: datetime, zone: tzinfo) -> str:
    """`at 2026-11-21 00:14:25Z`, or `from 2026-11-21 00:14:25Z to 00:34:42Z (20m)`."""
    begin, end = clock.absolute(first, zone), clock.absolute(last, zone)
    if begin == end:
        return f"at {begin}"
    day, _, time = end.partition(" ")
    # the even spacing of repeats is in integer microseconds, so the first time can be slightly late
    length = clock.age(round((last - first).total_seconds()))
    return f"from {begin} to {time if begin.startswith(day) else end} ({length})"


def _counts(events: Sequence[Event], incarnations: Sequence[Incarnation]) -> str:
    occurrences = sum(event.times for event in events)
    counts = [_plural(len(events), "event")]
    if occurrences != len(events):
        counts.append(_plural(occurrences, "occurrence"))
    if len(incarnations) > 1:
        counts.append(_plural(len(incarnations), "incarnation"))
    return ", ".join(counts)


def _plural(amount: int, noun: str) -> str:
    return f"{amount:,} {noun}" + ("" if amount == 1 else "s")


def _phases(incarnation: Incarnation, created: Sequence[int]) -> Iterator[str]:
    """The phases of a pod or job that its events report, in lifecycle order."""
    by_time = sorted(incarnation.own_events, key=lambda event: event.at)
    events = [event for event in by_time if event.kind in {"Pod", "Job"}]
    if not events:
        return
    first_at = events[0].at
    start = max((at for at in created if first_at - _MAX_CREATION_LAG_NS < at < first_at), default=first_at)
    for reason, phase in _PHASES.items():
        first = next((event for event in events if event.reason == reason), None)
        if first is None:
            continue
        if reason == "Pulled":
            yield _pulled([event for event in events if event.reason == reason])
        elif reason == "Started" and any(_is_restart(event) and event.at < first.at for event in events):
            yield phase  # without a time, because the first start is not among the events
        else:
            where = f" to {first.node}" if reason == "Scheduled" and first.node else ""
            yield phase + where + _after(first.at - start)


def _is_restart(event: Event) -> bool:
    return event.reason == "BackOff" and event.category == "crash"


def _pulled(pulls: Sequence[Event]) -> str:
    """How the node got the image, from the kubelet's messages."""
    waited = next((event.waited for event in pulls if event.waited is not None), None)
    if waited is not None:
        return f"image pulled in {clock.duration(waited)}"
    return "image already present" if "already present" in (pulls[0].message or "") else "image pulled"


def _after(nanoseconds: int) -> str:
    return f" after {clock.duration(nanoseconds / 1e9)}" if nanoseconds > 0 else ""


def _worst(events: Iterable[Event]) -> list[Event]:
    """All events of the worst reason; if several are equally bad, of the one with the most occurrences."""
    by_reason: dict[tuple[str, str | None], list[Event]] = {}
    for event in events:
        if event.severity in _BAD:
            by_reason.setdefault((event.severity, event.reason), []).append(event)

    def rank(group: tuple[str, str | None]) -> tuple[int, int]:
        return SEVERITIES.index(group[0]), -sum(event.times for event in by_reason[group])

    return by_reason[min(by_reason, key=rank)] if by_reason else []


def _worst_text(worst: Sequence[Event], subject: Subject, zone: tzinfo) -> str:
    """`BackOff on 2 Pods (error), 14 times, last at 2026-11-21 00:32:09Z`."""
    objects = {event.object for event in worst}
    if objects == {f"{subject.kind}/{subject.name}"}:
        where = ""
    else:
        where = f" on {worst[0].object if len(objects) == 1 else _kinds(worst)}"
    occurrences = sum(event.times for event in worst)
    times = "once" if occurrences == 1 else f"{occurrences:,} times"
    trend = f", {worst[0].trend}" if len(worst) == 1 and worst[0].trend else ""
    seen = [event.last_seen for event in worst if event.last_seen]
    last = f", last at {clock.absolute(max(seen), zone)}" if seen else ""
    return f"{worst[0].reason}{where} ({worst[0].severity}), {times}{trend}{last}"
