"""An event of an object's history, and the lives that an object had under one name."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kevents.query.kinds import CLUSTER_SCOPED
from kevents.query.user_sql import RowOptions
from kevents.report.catalog import load, text_of
from kevents.report.question import Question
from kevents.result import Result

if TYPE_CHECKING:
    from kevents.query.engine import Engine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEAR_NS = 2 * 10**9  # a clock further from the first occurrence is of one before the window


@dataclass(frozen=True)
class Text:
    """One of the messages that an event had: when it was seen with it, and how often it happened meanwhile."""

    message: str | None
    since: datetime | None
    until: datetime | None
    times: int


@dataclass(frozen=True)
class Event:
    """A logical event: all its occurrences in the window.

    names: the child that its message names, as kind/name. clock: nanoseconds since 1970, by the event's name. waited:
    seconds for an image.
    """

    cluster: str
    namespace: str | None
    kind: str | None
    name: str | None
    object: str | None
    object_uid: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    times: int
    rate: float | None
    trend: str | None
    event_name: str | None
    type: str | None
    reason: str | None
    severity: str
    category: str
    component: str | None
    node: str | None
    container: str | None
    names: str | None
    clock: int | None
    waited: float | None
    message: str | None
    texts: tuple[Text, ...]
    life: int = 1

    @property
    def at(self) -> int:
        """When it first happened, in nanoseconds since 1970: by the clock in its name, if that is of this time."""
        first = nanoseconds(self.first_seen)
        return self.clock if self.clock is not None and abs(self.clock - first) < _NEAR_NS else first


@dataclass(frozen=True)
class Life:
    """One object under a name that several had, one after another. number: from 1, of so many."""

    object: str | None
    number: int
    of: int
    uid: str | None
    events: tuple[Event, ...]

    @property
    def own(self) -> tuple[Event, ...]:
        """The events that carry its uid; all of them where none does."""
        return tuple(event for event in self.events if event.object_uid == self.uid) or self.events

    @property
    def first_seen(self) -> datetime | None:
        return min((event.first_seen for event in self.own if event.first_seen), default=None)

    @property
    def last_seen(self) -> datetime | None:
        return max((event.last_seen for event in self.own if event.last_seen), default=None)


def events(engine: Engine) -> list[Event]:
    """Every event that the engine's selection holds, the oldest first."""
    return [
        Event(**{**row, "texts": tuple(Text(**text) for text in row["texts"])})
        for row in engine.rows(text_of("describe/history.sql"))
    ]


def lives(found: Iterable[Event]) -> list[Life]:
    """The events of one object by the uids that it had, in order.

    An event without one belongs to the life in which it happened last.
    """
    found = sorted(found, key=lambda event: event.at)
    known: dict[str, list[Event]] = {}
    rest = []
    for event in found:
        if event.object_uid and event.kind not in CLUSTER_SCOPED and _is_uuid(event.object_uid):
            known.setdefault(event.object_uid, []).append(event)
        else:
            rest.append(event)
    groups = list(known.values()) or [[]]
    starts = [group[0].at if group else 0 for group in groups]
    for event in rest:
        latest = max(nanoseconds(event.last_seen), event.at)
        index = max((i for i, start in enumerate(starts) if start <= latest), default=0)
        groups[index].append(event)
    uids: list[str | None] = [*known] or [None]
    return [
        Life(found[0].object, number, len(groups), uid, tuple(replace(event, life=number) for event in group))
        for number, (uid, group) in enumerate(zip(uids, groups, strict=True), 1)
    ]


def by_object(found: Iterable[Event]) -> list[Sequence[Event]]:
    """The events of each object."""
    groups: dict[tuple[str, str | None], list[Event]] = {}
    for event in found:
        groups.setdefault((event.cluster, event.object), []).append(event)
    return list(groups.values())


def _is_uuid(uid: str) -> bool:
    """Kubelets give a node's name as its uid, and a hash as that of a static pod: those tell no lives apart."""
    try:
        return str(uuid.UUID(uid)) == uid.lower()
    except ValueError:
        return False


def nanoseconds(moment: datetime | None) -> int:
    """A moment in nanoseconds since 1970; 0 for none."""
    if moment is None:
        return 0
    elapsed = moment - _EPOCH
    return ((elapsed.days * 86_400 + elapsed.seconds) * 10**6 + elapsed.microseconds) * 1000


def events_of(engine: Engine, *, wants_documents: bool) -> Result:
    """The newest state of each event that the engine's selection holds, the latest last."""
    question = Question(load("describe/events.sql", "describe"), RowOptions(limit=0), wants_documents=wants_documents)
    return replace(question.answer(engine), section="Events")
