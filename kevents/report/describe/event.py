"""The events of an object's history, and the incarnations of an object that was recreated under the same name."""

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
_CLOCK_TOLERANCE_NS = 2 * 10**9  # a clock further from the first occurrence belongs to one before the window


@dataclass(frozen=True)
class MessageVersion:
    """One of the messages of an event: the time range in which it was seen, and how often the event occurred then."""

    message: str | None
    since: datetime | None
    until: datetime | None
    times: int


@dataclass(frozen=True)
class Event:
    """An event with all its occurrences in the window.

    child: the object named in its message, as kind/name. clock: the time in its name, in nanoseconds since 1970.
    waited: seconds until the image was pulled. versions: its messages, oldest first. incarnation: of its object, from
    1.
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
    child: str | None
    clock: int | None
    waited: float | None
    message: str | None
    versions: tuple[MessageVersion, ...]
    incarnation: int = 1

    @property
    def at(self) -> int:
        """When it first occurred, in nanoseconds since 1970: the time in its name if that lies in the window."""
        first = nanoseconds(self.first_seen)
        return self.clock if self.clock is not None and abs(self.clock - first) < _CLOCK_TOLERANCE_NS else first


@dataclass(frozen=True)
class Incarnation:
    """One of several objects that had the same name, one after another. number: from 1. total: how many there were."""

    object: str | None
    number: int
    total: int
    uid: str | None
    events: tuple[Event, ...]

    @property
    def own_events(self) -> tuple[Event, ...]:
        """The events with its uid; all events if none has it."""
        return tuple(event for event in self.events if event.object_uid == self.uid) or self.events

    @property
    def first_seen(self) -> datetime | None:
        return min((event.first_seen for event in self.own_events if event.first_seen), default=None)

    @property
    def last_seen(self) -> datetime | None:
        return max((event.last_seen for event in self.own_events if event.last_seen), default=None)


def events(engine: Engine) -> list[Event]:
    """All events of the engine's selection, oldest first."""
    return [
        Event(**{**row, "versions": tuple(MessageVersion(**version) for version in row["versions"])})
        for row in engine.rows(text_of("describe/history.sql"))
    ]


def incarnations(object_events: Iterable[Event]) -> list[Incarnation]:
    """The events of one object by the uids that it had, in order.

    An event without a uid belongs to the incarnation in which it last occurred.
    """
    in_order = sorted(object_events, key=lambda event: event.at)
    by_uid: dict[str, list[Event]] = {}
    without_uid = []
    for event in in_order:
        if event.object_uid and event.kind not in CLUSTER_SCOPED and _is_uuid(event.object_uid):
            by_uid.setdefault(event.object_uid, []).append(event)
        else:
            without_uid.append(event)
    groups = list(by_uid.values()) or [[]]
    starts = [group[0].at if group else 0 for group in groups]
    for event in without_uid:
        latest = max(nanoseconds(event.last_seen), event.at)
        index = max((i for i, start in enumerate(starts) if start <= latest), default=0)
        groups[index].append(event)
    uids: list[str | None] = [*by_uid] or [None]
    return [
        Incarnation(
            in_order[0].object, number, len(groups), uid, tuple(replace(event, incarnation=number) for event in group)
        )
        for number, (uid, group) in enumerate(zip(uids, groups, strict=True), 1)
    ]


def by_object(all_events: Iterable[Event]) -> list[Sequence[Event]]:
    """The events of each object."""
    groups: dict[tuple[str, str | None], list[Event]] = {}
    for event in all_events:
        groups.setdefault((event.cluster, event.object), []).append(event)
    return list(groups.values())


def _is_uuid(uid: str) -> bool:
    """Kubelets use a node's name as its uid, and a hash for a static pod; these do not identify incarnations."""
    try:
        return str(uuid.UUID(uid)) == uid.lower()
    except ValueError:
        return False


def nanoseconds(moment: datetime | None) -> int:
    """A moment in nanoseconds since 1970; 0 for None."""
    if moment is None:
        return 0
    elapsed = moment - _EPOCH
    return ((elapsed.days * 86_400 + elapsed.seconds) * 10**6 + elapsed.microseconds) * 1000


def events_section(engine: Engine, *, wants_documents: bool) -> Result:
    """The newest state of each event of the engine's selection, newest last, under the heading `Events`."""
    question = Question(load("describe/events.sql", "describe"), RowOptions(limit=0), wants_documents=wants_documents)
    return replace(question.answer(engine), section="Events")
