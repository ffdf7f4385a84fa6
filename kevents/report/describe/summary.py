"""What happened to one object, in a paragraph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from kevents import clock
from kevents.event.severity import SEVERITIES, levels_at_least
from kevents.report.describe.event import Event, Life
from kevents.report.describe.subject import Subject

_WORDS = {
    "Scheduled": "scheduled",
    "Pulled": "image pulled",
    "Started": "started",
    "Killing": "stopped",
    "Completed": "completed",
}
_SOON_NS = 5 * 60 * 10**9  # within this, a pod's own events begin after it was made
_BAD = levels_at_least("warning")


def summary(
    subject: Subject, lives: Sequence[Life], family: Sequence[Event], created: Sequence[int], zone: tzinfo
) -> str:
    """When it was seen, what it reached, what was worst.

    family: the events of all relatives, itself included. created: when its owner said that it made it.
    """
    events = [event for life in lives for event in life.events]
    seen = f"{_span(events, zone)}, {_amount(events, lives)}" if events else "no events of its own"
    sentences = [f"{subject.place} of cluster {subject.cluster}: {seen}."]
    for life in lives:
        if reached := ", ".join(_phases(life, created)):
            sentences.append(
                f"Life {life.number}: {reached}." if life.of > 1 else f"{reached[0].upper()}{reached[1:]}."
            )
    if len(family) > len(events):
        sentences.append(f"With its family: {_number(len(family), 'event')} of {_kinds(family)}.")
    if worst := _worst(family):
        sentences.append(f"Worst: {_told(worst, subject, zone)}.")
    return " ".join(sentences)


def _kinds(family: Iterable[Event]) -> str:
    """`1 Deployment, 2 ReplicaSets, 4 Pods`."""
    counts = Counter(kind for kind, _ in {(event.kind or "object", event.name) for event in family})
    return ", ".join(_number(amount, kind) for kind, amount in sorted(counts.items(), key=lambda one: (one[1], one[0])))


def _span(events: Iterable[Event], zone: tzinfo) -> str:
    seen = [moment for event in events for moment in (event.first_seen, event.last_seen) if moment]
    return f"seen {span(min(seen), max(seen), zone)}" if seen else "seen at no known time"


def span(first: datetime, last: datetime, zone: tzinfo) -> str:
    """`at 2026-11-21 00:14:25Z`, or `from 2026-11-21 00:14:25Z to 00:34:42Z (20m)`."""
    begin, end = clock.absolute(first, zone), clock.absolute(last, zone)
    if begin == end:
        return f"at {begin}"
    day, _, time = end.partition(" ")
    # repeats are spread over whole microseconds, so that the first may be told a little late
    length = clock.age(round((last - first).total_seconds()))
    return f"from {begin} to {time if begin.startswith(day) else end} ({length})"


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


def _phases(life: Life, created: Sequence[int]) -> Iterator[str]:
    """The steps of a pod or a job that its events tell of, in the order in which it takes them."""
    events = [event for event in sorted(life.own, key=lambda event: event.at) if event.kind in {"Pod", "Job"}]
    if not events:
        return
    first_told = events[0].at
    start = max((at for at in created if first_told - _SOON_NS < at < first_told), default=first_told)
    for reason, word in _WORDS.items():
        first = next((event for event in events if event.reason == reason), None)
        if first is None:
            continue
        if reason == "Pulled":
            yield _pulled([event for event in events if event.reason == reason])
        elif reason == "Started" and any(_is_restart(event) and event.at < first.at for event in events):
            yield word  # the first start is not among the events
        else:
            where = f" to {first.node}" if reason == "Scheduled" and first.node else ""
            yield word + where + _after(first.at - start)


def _is_restart(event: Event) -> bool:
    return event.reason == "BackOff" and event.category == "crash"


def _pulled(pulls: Sequence[Event]) -> str:
    """How the image came, by the kubelet's own words."""
    waited = next((event.waited for event in pulls if event.waited is not None), None)
    if waited is not None:
        return f"image pulled in {clock.duration(waited)}"
    return "image already there" if "already present" in (pulls[0].message or "") else "image pulled"


def _after(nanoseconds: int) -> str:
    return f" after {clock.duration(nanoseconds / 1e9)}" if nanoseconds > 0 else ""


def _worst(events: Iterable[Event]) -> list[Event]:
    """All events of the gravest reason, of equals of the one that happened most."""
    by_reason: dict[tuple[str, str | None], list[Event]] = {}
    for event in events:
        if event.severity in _BAD:
            by_reason.setdefault((event.severity, event.reason), []).append(event)
    worst = min(
        by_reason, key=lambda one: (SEVERITIES.index(one[0]), -sum(e.times for e in by_reason[one])), default=None
    )
    return by_reason[worst] if worst else []


def _told(worst: Sequence[Event], subject: Subject, zone: tzinfo) -> str:
    """`BackOff of 2 Pods (error), 14 times, last 2026-11-21 00:32:09Z`."""
    objects = {event.object for event in worst}
    whose = "" if objects == {f"{subject.kind}/{subject.name}"} else f" of {_kinds(worst)}"
    if whose and len(objects) == 1:
        whose = f" of {worst[0].object}"
    times = sum(event.times for event in worst)
    often = "once" if times == 1 else f"{times:,} times"
    trend = f", {worst[0].trend}" if len(worst) == 1 and worst[0].trend else ""
    seen = [event.last_seen for event in worst if event.last_seen]
    last = f", last at {clock.absolute(max(seen), zone)}" if seen else ""
    return f"{worst[0].reason}{whose} ({worst[0].severity}), {often}{trend}{last}"
