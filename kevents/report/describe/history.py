"""All that is known of an object, or of its family, as an answer: oldest first, cause before effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from kevents import clock
from kevents.query.selection import Selection
from kevents.report.coverage import missed
from kevents.report.describe.event import Event, Life, Text, by_object, lives
from kevents.report.describe.family import Family
from kevents.report.describe.order import in_order
from kevents.report.describe.subject import Subject
from kevents.report.describe.summary import span, summary
from kevents.result import Column, Kind, Result, Show
from kevents.store.coverage import Span, uncovered

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = 5  # earlier messages of one event that people see

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
_OF_REPEATS = ("times", "rate", "trend")


@dataclass(frozen=True)
class HistoryInput:
    """What a history is made of. created: when an owner said that it made the object. covered: what was recorded."""

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
        """Where nobody watched between the first event and the last."""
        names = (self.subject.namespace,) if self.subject.namespace else ()
        return uncovered(self.covered, *self.span, names) if self.span else []


def history(told: HistoryInput, zone: tzinfo, *, for_people: bool) -> Result:
    """A row for each event, and for each gap in the recording between two of them.

    People also get a line between the lives of an object, and an event's earlier texts below it.
    """
    of_each = [lives(events) for events in by_object(told.events)]
    own = next((found for found in of_each if found[0].object == f"{told.subject.kind}/{told.subject.name}"), [])
    writer = _Rows(told, zone, for_people)
    rows = list(writer.of_family(of_each) if told.family else writer.of_lives(own))
    heading = (summary(told.subject, own, told.events, told.created, zone), *_beside(told, zone)) if rows else ()
    return Result.of_rows(_columns(told), rows, _types(), heading=heading)


class _Rows:
    """The rows of a history, as they are read or as machines take them."""

    def __init__(self, told: HistoryInput, zone: tzinfo, for_people: bool) -> None:
        self._family = told.family
        self._zone = zone
        self._for_people = for_people
        self._gaps = list(told.gaps)

    def of_lives(self, own: Iterable[Life]) -> Iterator[dict[str, Any]]:
        """One object, life by life."""
        for life in own:
            if life.of > 1 and self._for_people:
                yield self._life(life)
            yield from self._events(sorted(life.events, key=lambda event: event.at))

    def of_family(self, of_each: Iterable[Sequence[Life]]) -> Iterator[dict[str, Any]]:
        """One time line of all."""
        events = [event for found in of_each for life in found for event in life.events]
        yield from self._events(in_order(events, self._family.depth if self._family else {}))

    def _events(self, events: Iterable[Event]) -> Iterator[dict[str, Any]]:
        """Events, and before each the gaps that were not told yet."""
        for event in events:
            while self._gaps and event.first_seen and self._gaps[0].start < event.first_seen:
                yield _gap(self._gaps.pop(0))
            yield self._event(event)
            if self._for_people:
                yield from self._texts(event)

    def _event(self, event: Event) -> dict[str, Any]:
        is_again = self._family is not None and self._for_people and event.life > 1
        values = {column.name: getattr(event, column.name) for column in _COLUMNS if hasattr(event, column.name)}
        return values | {
            "entry": "event",
            "object": f"{event.object} (life {event.life})" if is_again else event.object,
            "depth": self._depth(event),
            "inferred": self._family is not None and (event.kind, event.name) in self._family.inferred,
            "until": event.last_seen if event.times > 1 else None,
            "messages": [vars(text) for text in event.texts] if len(event.texts) > 1 else [],
        }

    def _texts(self, event: Event) -> Iterator[dict[str, Any]]:
        """What an event said before, the newest of it first."""
        earlier = event.texts[-2::-1]
        for text in earlier[:_TEXTS]:
            yield _line("text", text.until, "(said before)", text.message, times=text.times or None)
        if more := earlier[_TEXTS:]:
            yield _line("text", more[0].until, "(said before)", f"{len(more)} more texts: -o json has them all")

    def _life(self, life: Life) -> dict[str, Any]:
        seen = f"{span(life.first_seen, life.last_seen, self._zone)}, " if life.first_seen and life.last_seen else ""
        return _line("life", life.first_seen, f"(life {life.number} of {life.of})", f"{seen}uid {life.uid}")

    def _depth(self, event: Event) -> int:
        return self._family.depth.get((event.kind or "", event.name or ""), 0) if self._family else 0


def _gap(gap: Span) -> dict[str, Any]:
    why = f" ({gap.cause})" if gap.cause else ""
    told = f"nobody watched for {clock.age(gap.end - gap.start)}{why}: updates may be missing"
    return _line("gap", gap.start, "(gap)", told, until=gap.end, last_seen=gap.end)


def _line(entry: str, at: datetime | None, reason: str, message: str | None, **more: Any) -> dict[str, Any]:
    return {"entry": entry, "first_seen": at, "reason": reason, "message": message, "depth": 0, **more}


def _beside(told: HistoryInput, zone: tzinfo) -> Iterator[str]:
    """What a reader should know of the whole: where nobody watched, and who is known by its name alone."""
    one, family = told.subject, told.family
    if told.gaps and told.span:
        since, until = told.span
        window = Selection(namespaces=(one.namespace,) if one.namespace else (), since=since, until=until)
        yield from missed({one.cluster: told.covered}, window, zone)
    if family and family.inferred:
        named = ", ".join("/".join(member) for member in family.members if member in family.inferred)
        yield f"Of the family by their names alone: {named}."


def _columns(told: HistoryInput) -> tuple[Column, ...]:
    """What there is something to say in: repeats where something repeats, and of a family how often alone."""
    repeats = any(event.times > 1 for event in told.events) or bool(told.gaps)
    shown = {"object": Show.TABLE if told.family else Show.DATA}
    if not repeats:
        shown |= dict.fromkeys(_OF_REPEATS, Show.DATA)
    elif told.family:
        shown |= dict.fromkeys(("rate", "trend", "last_seen"), Show.WIDE)
    elif not any(event.trend for event in told.events):
        shown["trend"] = Show.DATA
    columns = [replace(column, show=shown.get(column.name, column.show)) for column in _COLUMNS]
    without = "until" if told.family or not repeats else ""
    return tuple(column for column in columns if column.name != without)


def _types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    time, number = pa.timestamp("us", "UTC"), pa.int64()
    text = [
        (name, time if name in {"since", "until"} else number if name == "times" else pa.string())
        for name in Text.__annotations__
    ]
    return {"messages": pa.list_(pa.struct(text)), "inferred": pa.bool_()}
