"""What happened to one object, in a paragraph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from kevents import clock
from kevents.event.severity import SEVERITIES
from kevents.report.describe.event import Event, Life
from kevents.report.describe.subject import Subject

_WORDS = {
    "Scheduled": "scheduled",
    "Pulled": "image pulled",
    "Started": "started",
    "Killing": "stopped",
    "Completed": "completed",
}
_BAD = ("critical", "error", "warning")


def summary(subject: Subject, lives: Sequence[Life], family: Sequence[Event], created: int | None, zone: tzinfo) -> str:
    """When it was seen, what it reached, what was worst.

    family: the events of all relatives, itself included. created: when its owner says that it made the first life.
    """
    events = [event for life in lives for event in life.events]
    sentences = [f"{subject.place} of cluster {subject.cluster}: {_span(events, zone)}, {_amount(events, lives)}."]
    for life in lives:
        if reached := ", ".join(_phases(life, created if life.number == 1 else None)):
            sentences.append(
                f"Life {life.number}: {reached}." if life.of > 1 else f"{reached[0].upper()}{reached[1:]}."
            )
    if len(family) > len(events):
        sentences.append(f"With its family: {_number(len(family), 'event')} of {_kinds(family)}.")
    if worst := _worst(family):
        whose = f" of {worst.object}" if worst.object != f"{subject.kind}/{subject.name}" else ""
        sentences.append(f"Worst: {worst.reason}{whose} ({worst.severity}){_how_often(worst, zone)}.")
    return " ".join(sentences)


def _kinds(family: Iterable[Event]) -> str:
    """`1 Deployment, 2 ReplicaSets, 4 Pods`."""
    counts = Counter(kind for kind, _ in {(event.kind or "object", event.name) for event in family})
    return ", ".join(_number(amount, kind) for kind, amount in sorted(counts.items(), key=lambda one: (one[1], one[0])))


def _span(events: Iterable[Event], zone: tzinfo) -> str:
    first = min((event.first_seen for event in events if event.first_seen), default=None)
    last = max((event.last_seen for event in events if event.last_seen), default=None)
    if first is None or last is None:
        return "seen at no known time"
    begin, end = clock.absolute(first, zone), clock.absolute(last, zone)
    if begin == end:
        return f"seen at {begin}"
    day, _, time = end.partition(" ")
    return f"seen from {begin} to {time if begin.startswith(day) else end} ({clock.age(last - first)})"


def _amount(events: Sequence[Event], lives: Sequence[Life]) -> str:
    times = sum(event.times for event in events)
    told = [_number(len(events), "event")]
    if times != len(events):
        told.append(_number(times, "occurrence"))
    if len(lives) > 1:
        told.append(f"{len(lives)} lives")
    return ", ".join(told)


def _number(amount: int, word: str) -> str:
    return f"{amount:,} {word}" + ("" if amount == 1 else "s")


def _phases(life: Life, created: int | None) -> Iterator[str]:
    """The steps of a pod or a job that its events tell of, in the order in which it takes them."""
    events = [event for event in sorted(life.events, key=lambda event: event.at) if event.kind in {"Pod", "Job"}]
    start = created if created is not None else events[0].at if events else 0
    for reason, word in _WORDS.items():
        first = next((event for event in events if event.reason == reason), None)
        if first is None:
            continue
        if reason == "Pulled":
            yield _pulled([event for event in events if event.reason == reason])
        else:
            where = f" to {first.node}" if reason == "Scheduled" and first.node else ""
            yield word + where + _after(first.at - start)


def _pulled(pulls: Sequence[Event]) -> str:
    """How the image came, by the kubelet's own words."""
    if waited := next((event.waited for event in pulls if event.waited is not None), None):
        return f"image pulled in {clock.duration(waited)}"
    return "image already there" if "already present" in (pulls[0].message or "") else "image pulled"


def _after(nanoseconds: int) -> str:
    return f" after {clock.duration(nanoseconds / 1e9)}" if nanoseconds > 0 else ""


def _worst(events: Iterable[Event]) -> Event | None:
    """The gravest event, of equals the one that happened most."""
    bad = [event for event in events if event.severity in _BAD]
    return min(bad, key=lambda event: (SEVERITIES.index(event.severity), -event.times, event.at), default=None)


def _how_often(event: Event, zone: tzinfo) -> str:
    times = "once" if event.times == 1 else f"{event.times:,} times"
    last = f", last {clock.absolute(event.last_seen, zone)}" if event.last_seen else ""
    trend = f", {event.trend}" if event.trend else ""
    return f", {times}{trend}{last}"
