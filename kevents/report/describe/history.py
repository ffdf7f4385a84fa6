"""The history of an object, or of its family, as a result: oldest first, causes before effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from kevents import clock
from kevents.query.selection import Selection
from kevents.report.coverage import coverage_notes
from kevents.report.describe.event import Event, Incarnation, MessageVersion, by_object, incarnations
from kevents.report.describe.family import Family
from kevents.report.describe.order import in_order
from kevents.report.describe.subject import Subject
from kevents.report.describe.summary import summary, time_range
from kevents.result import Column, Kind, Result, Show
from kevents.store.coverage import Span, uncovered

if TYPE_CHECKING:
    import pyarrow as pa

_VERSIONS_SHOWN = 5  # earlier messages of one event

_COLUMNS = (
    Column("first_seen", Kind.TIME, label="TIME"),
    Column("severity", Kind.SEVERITY),
    Column("reason"),
    Column("object", Kind.BRANCH),
    Column("times", Kind.NUMBER),
    Column("until", Kind.TIME, Show.DRAWN),
    Column("rate", Kind.RATE),
    Column("trend"),
    Column("component", show=Show.WIDE, label="FROM"),
    Column("message"),
    Column("entry", show=Show.DATA),
    Column("cluster", show=Show.DATA),
    Column("namespace", show=Show.DATA),
    Column("kind", show=Show.DATA),
    Column("name", show=Show.DATA),
    Column("depth", Kind.NUMBER, Show.DATA),
    Column("inferred", show=Show.DATA),
    Column("life", Kind.NUMBER, Show.DATA),
    Column("object_uid", show=Show.DATA),
    Column("last_seen", Kind.TIME, Show.DATA),
    Column("type", show=Show.DATA),
    Column("category", show=Show.DATA),
    Column("node", show=Show.WIDE),
    Column("container", show=Show.WIDE),
    Column("event_name", show=Show.WIDE, label="NAME"),
    Column("messages", show=Show.DATA),
)
_REPEAT_COLUMNS = ("times", "rate", "trend")


@dataclass(frozen=True)
class HistoryInput:
    """The data of a history. created: when owners reported creating the object. covered: the cluster's coverage."""

    subject: Subject
    events: Sequence[Event]
    family: Family | None = None
    created: tuple[int, ...] = ()
    covered: Sequence[Span] = ()

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From the first event to the last."""
        seen = [moment for event in self.events for moment in (event.first_seen, event.last_seen) if moment]
        return (min(seen), max(seen)) if seen else None

    @property
    def gaps(self) -> list[Span]:
        """The gaps in the recording between the first event and the last."""
        names = (self.subject.namespace,) if self.subject.namespace else ()
        return uncovered(self.covered, *self.span, names) if self.span else []


def history(data: HistoryInput, zone: tzinfo, *, for_people: bool) -> Result:
    """One row per event, and one per gap in the recording between two events.

    for_people: also a row before each incarnation of the object, and an event's earlier messages below it.
    """
    objects = [incarnations(events) for events in by_object(data.events)]
    subject = f"{data.subject.kind}/{data.subject.name}"
    own = next((found for found in objects if found[0].object == subject), [])
    writer = _Rows(data, zone, for_people)
    rows = list(writer.of_family(objects) if data.family else writer.of_object(own))
    heading = (summary(data.subject, own, data.events, data.created, zone), *_caveats(data, zone)) if rows else ()
    return Result.of_rows(_columns(data), rows, _types(), heading=heading)


class _Rows:
    """Builds the rows of a history, for people or for scripts."""

    def __init__(self, data: HistoryInput, zone: tzinfo, for_people: bool) -> None:
        self._family = data.family
        self._zone = zone
        self._for_people = for_people
        self._gaps = list(data.gaps)

    def of_object(self, own: Iterable[Incarnation]) -> Iterator[dict[str, Any]]:
        """The rows of one object, incarnation by incarnation."""
        for incarnation in own:
            if incarnation.total > 1 and self._for_people:
                yield self._incarnation(incarnation)
            yield from self._events(sorted(incarnation.events, key=lambda event: event.at))

    def of_family(self, objects: Iterable[Sequence[Incarnation]]) -> Iterator[dict[str, Any]]:
        """The rows of all objects on one timeline."""
        events = [event for found in objects for incarnation in found for event in incarnation.events]
        yield from self._events(in_order(events, self._family.depth if self._family else {}))

    def _events(self, events: Iterable[Event]) -> Iterator[dict[str, Any]]:
        """The events, and before each event the gaps that started before it."""
        for event in events:
            while self._gaps and event.first_seen and self._gaps[0].start < event.first_seen:
                yield _gap(self._gaps.pop(0))
            yield self._event(event)
            if self._for_people:
                yield from self._earlier_messages(event)

    def _event(self, event: Event) -> dict[str, Any]:
        is_recreated = self._family is not None and self._for_people and event.incarnation > 1
        values = {column.name: getattr(event, column.name) for column in _COLUMNS if hasattr(event, column.name)}
        return values | {
            "entry": "event",
            "object": f"{event.object} (incarnation {event.incarnation})" if is_recreated else event.object,
            "life": event.incarnation,
            "depth": self._depth(event),
            "inferred": self._family is not None and (event.kind, event.name) in self._family.inferred,
            "until": event.last_seen if event.times > 1 else None,
            "messages": [vars(version) for version in event.versions] if len(event.versions) > 1 else [],
        }

    def _earlier_messages(self, event: Event) -> Iterator[dict[str, Any]]:
        """The messages that the event had before, newest first."""
        earlier = event.versions[-2::-1]
        for version in earlier[:_VERSIONS_SHOWN]:
            times = version.times or None
            yield _line("message", version.until, "(earlier message)", version.message, times=times)
        if hidden := earlier[_VERSIONS_SHOWN:]:
            note = f"{len(hidden)} more earlier messages; show all with -o json"
            yield _line("message", hidden[0].until, "(earlier message)", note)

    def _incarnation(self, incarnation: Incarnation) -> dict[str, Any]:
        first, last = incarnation.first_seen, incarnation.last_seen
        seen = f"{time_range(first, last, self._zone)}, " if first and last else ""
        position = f"(incarnation {incarnation.number} of {incarnation.total})"
        return _line("incarnation", first, position, f"{seen}uid {incarnation.uid}")

    def _depth(self, event: Event) -> int:
        return self._family.depth.get((event.kind or "", event.name or ""), 0) if self._family else 0


def _gap(gap: Span) -> dict[str, Any]:
    cause = f" ({gap.cause})" if gap.cause else ""
    message = f"not recorded for {clock.age(gap.end - gap.start)}{cause}; updates may be missing"
    return _line("gap", gap.start, "(gap)", message, until=gap.end, last_seen=gap.end)


def _line(entry: str, at: datetime | None, reason: str, message: str | None, **more: Any) -> dict[str, Any]:
    return {"entry": entry, "first_seen": at, "reason": reason, "message": message, "depth": 0, **more}


def _caveats(data: HistoryInput, zone: tzinfo) -> Iterator[str]:
    """Sentences on gaps in the recording, and on relatives that are inferred from names."""
    subject, family = data.subject, data.family
    if data.gaps and data.span:
        since, until = data.span
        window = Selection(namespaces=(subject.namespace,) if subject.namespace else (), since=since, until=until)
        yield from coverage_notes({subject.cluster: data.covered}, window, zone)
    if family and family.inferred:
        names = ", ".join("/".join(member) for member in family.members if member in family.inferred)
        yield f"Inferred from names only: {names}."


def _columns(data: HistoryInput) -> tuple[Column, ...]:
    """The columns with content: those on repeats only if something repeats; for a family only how often."""
    has_repeats = any(event.times > 1 for event in data.events) or bool(data.gaps)
    show = {"object": Show.TABLE if data.family else Show.DATA}
    if not has_repeats:
        show |= dict.fromkeys(_REPEAT_COLUMNS, Show.DATA)
    elif data.family:
        show |= dict.fromkeys(("rate", "trend", "last_seen"), Show.WIDE)
    elif not any(event.trend for event in data.events):
        show["trend"] = Show.DATA
    columns = [replace(column, show=show.get(column.name, column.show)) for column in _COLUMNS]
    left_out = "until" if data.family or not has_repeats else ""
    return tuple(column for column in columns if column.name != left_out)


def _types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    time, number = pa.timestamp("us", "UTC"), pa.int64()
    fields = [
        (name, time if name in {"since", "until"} else number if name == "times" else pa.string())
        for name in MessageVersion.__annotations__
    ]
    return {"messages": pa.list_(pa.struct(fields)), "inferred": pa.bool_()}
