"""What describe writes: the events of an object as kubectl does, or its history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kevents.cli.answer import write_answer
from kevents.cli.output import Output, write
from kevents.cli.reaching import Sources, narrowed, sources
from kevents.query.selection import Selection
from kevents.report.describe import family as families
from kevents.report.describe.event import Event, events, events_of
from kevents.report.describe.family import Family
from kevents.report.describe.history import Told, history
from kevents.report.describe.subject import Subject, find, find_relative, unknown

if TYPE_CHECKING:
    from datetime import datetime

    from kevents.cli.console import Terminal
    from kevents.cli.questions import ObjectFlags

_DOCUMENTS = {"json", "jsonl", "yaml"}


@dataclass(frozen=True)
class Wanted:
    """One object, and where its events come from. output: with times of day for a history, unless a flag says else."""

    sources: Sources
    subject: Subject
    output: Output
    is_relative: bool = False  # known by its relatives alone

    @classmethod
    def of(cls, terminal: Terminal, flags: ObjectFlags, kind: str, name: str, *, offline: bool) -> Wanted:
        """The object of that type and name, of the namespaces and clusters of the flags."""
        found = sources(terminal, flags, kind, name, offline=offline)
        asked = narrowed(found.asking.selection, kind, name)
        output = replace(found.asking.output, time=flags.output.time or "clock")
        if subject := find(found.engine(asked), kind, name):
            return cls(found, subject, output)
        everything = found.engine(replace(asked, kinds=(), names=()))
        if subject := find_relative(everything, kind, name):
            return cls(found, subject, output, is_relative=True)
        where = f"neither the store nor cluster {found.live.label}" if found.live else "the store"
        raise unknown(everything, kind, name, where)

    @property
    def selection(self) -> Selection:
        """The flags' selection, of this object."""
        whole = self.sources.asking.selection
        one = self.subject
        return replace(
            whole, clusters=(one.cluster,), namespaces=self._namespaces, kinds=(one.kind,), names=(one.name,)
        )

    @property
    def around(self) -> Selection:
        """Everything that may be of its family, at any time."""
        return Selection(clusters=(self.subject.cluster,), namespaces=self._namespaces)

    @property
    def lines(self) -> bytes:
        """What the cluster holds of everything around it."""
        live = self.sources.live
        return live.listed(self.subject.namespace) if live and live.label == self.subject.cluster else b""

    @property
    def nothing(self) -> str:
        """The sentence for an object that is known, but has no events here."""
        if self.is_relative:
            return f"{self.subject.place} has no events of its own, but relatives that have: --family shows them."
        return f"{self.subject.place} has no such events: without --since and other filters there are some."

    @property
    def _namespaces(self) -> tuple[str, ...]:
        return (self.subject.namespace,) if self.subject.namespace else ()


def write_events(wanted: Wanted) -> None:
    """The cluster's events of the object; those of the store where it has none."""
    asking, live = wanted.sources.asking, wanted.sources.live
    wants_documents = asking.output.format in _DOCUMENTS
    if live and live.label == wanted.subject.cluster:
        result = events_of(wanted.sources.engine(wanted.selection, alone=True), wants_documents=wants_documents)
        held = list(result.batches)
        if any(batch.num_rows for batch in held):
            write(replace(result, batches=held), asking.output, asking.terminal)
            return
        asking.terminal.note(f"Cluster {live.label} holds no such events now: these are the store's.")
    engine = wanted.sources.stored(wanted.selection)
    write_answer(asking, replace(events_of(engine, wants_documents=wants_documents), empty=wanted.nothing))


def write_history(wanted: Wanted, *, with_family: bool) -> None:
    """All that is known of the object, and of its family if that is wanted."""
    one, asking = wanted.subject, wanted.sources.asking
    told = _with_family(wanted) if with_family else _alone(wanted)
    told = replace(told, covered=asking.store.snapshot.coverage.get(one.cluster, ()))
    for_people = wanted.output.check(asking.terminal).for_people
    result = history(told, wanted.output.zone, for_people=for_people)
    write(replace(result, empty=wanted.nothing), wanted.output, asking.terminal)


def _alone(wanted: Wanted) -> Told:
    found = events(wanted.sources.engine(wanted.selection))
    is_made = wanted.subject.kind == "Pod" and bool(found)
    made = families.created(wanted.sources.stored(wanted.around), wanted.subject) if is_made else ()
    return Told(wanted.subject, found, created=made)


def _with_family(wanted: Wanted) -> Told:
    lines = wanted.lines
    around = wanted.sources.engine(wanted.around, lines=lines)
    family = families.family(around, wanted.subject)
    nodes = families.nodes(around, family.members) - family.depth.keys()
    # a name that is a pattern would bring in strangers; no object has one, but anybody can write an event
    objects = tuple(f"{kind}/{name}" for kind, name in (*family.members, *sorted(nodes)) if "*" not in name)
    namespaces = tuple(dict.fromkeys((*wanted.selection.namespaces, "default"))) if wanted.subject.namespace else ()
    selection = replace(wanted.selection, namespaces=namespaces, kinds=(), names=(), objects=objects)
    found = events(wanted.sources.engine(selection, lines=lines))
    made = families.created(around, wanted.subject)
    return Told(wanted.subject, _of(found, wanted.subject, family), family, made)


def _of(found: list[Event], subject: Subject, family: Family) -> list[Event]:
    """Without strangers of the same name in namespace default, siblings, and what nodes went through at other times."""
    found = [event for event in found if family.concerns(event.names)]
    if subject.namespace is None:
        return found
    own = (event for event in found if event.kind != "Node" and event.namespace == subject.namespace)
    seen = [moment for event in own for moment in (event.first_seen, event.last_seen) if moment]
    if not seen:
        return []
    start, end = min(seen), max(seen)
    return [
        event
        for event in found
        if (_overlaps(event, start, end) if event.kind == "Node" else event.namespace == subject.namespace)
    ]


def _overlaps(event: Event, start: datetime, end: datetime) -> bool:
    return bool(event.first_seen and event.last_seen and event.first_seen <= end and event.last_seen >= start)
