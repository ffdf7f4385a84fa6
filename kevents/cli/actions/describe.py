"""Shows the events of one object, as kubectl describe does, or its full history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kevents.cli.actions.describe_sources import Sources, narrowed, sources
from kevents.cli.answer import write_answer
from kevents.cli.output import Output, write
from kevents.query.selection import Selection
from kevents.report.describe import family as families
from kevents.report.describe.event import Event, events, events_section
from kevents.report.describe.family import Family
from kevents.report.describe.history import HistoryInput, history
from kevents.report.describe.subject import Subject, find, find_relative, parse, unknown

if TYPE_CHECKING:
    from datetime import datetime

    from kevents.cli.flags import ObjectFlags
    from kevents.cli.terminal import Terminal


def describe_object(
    terminal: Terminal, words: Sequence[str], flags: ObjectFlags, *, history: bool, family: bool, offline: bool
) -> None:
    """Write the events of the object, or its history. words: type and name; family: include its relatives."""
    kind, name = parse(words)
    described = _Described.of(terminal, flags, kind, name, offline=offline)
    if history or family:
        _write_history(described, with_family=family)
    else:
        _write_events(described)


@dataclass(frozen=True)
class _Described:
    """One object, and where its events come from. output: for a history, by default with times of day."""

    sources: Sources
    subject: Subject
    output: Output
    is_relative: bool = False  # known only through its relatives

    @classmethod
    def of(cls, terminal: Terminal, flags: ObjectFlags, kind: str, name: str, *, offline: bool) -> _Described:
        """Find the object by its type and name in the selected namespaces and clusters."""
        both = sources(terminal, flags, kind, name, offline=offline)
        selection = narrowed(both.request.selection, kind, name)
        output = replace(both.request.output, time=flags.output.time or "clock")
        if subject := find(both.engine(selection), kind, name):
            return cls(both, subject, output)
        everything = both.engine(replace(selection, kinds=(), names=()))
        if subject := find_relative(everything, kind, name):
            return cls(both, subject, output, is_relative=True)
        raise unknown(everything, kind, name, both.cluster.label if both.cluster else None)

    @property
    def selection(self) -> Selection:
        """The selection of the flags, limited to this object."""
        subject = self.subject
        return replace(
            self.sources.request.selection,
            clusters=(subject.cluster,),
            namespaces=self._namespaces,
            kinds=(subject.kind,),
            names=(subject.name,),
        )

    @property
    def surroundings(self) -> Selection:
        """Everything that may belong to its family, at any time."""
        return Selection(clusters=(self.subject.cluster,), namespaces=self._namespaces)

    @property
    def lines(self) -> bytes:
        """The cluster's current events in the surroundings."""
        cluster = self.sources.cluster
        return cluster.events(self.subject.namespace) if cluster and cluster.label == self.subject.cluster else b""

    @property
    def no_events(self) -> str:
        """The sentence for a known object without matching events."""
        if self.is_relative:
            return f"{self.subject.place} has no events itself, but related objects do; add --family."
        return f"{self.subject.place} has no matching events, but has some without --since and other filters."

    @property
    def _namespaces(self) -> tuple[str, ...]:
        return (self.subject.namespace,) if self.subject.namespace else ()


def _write_events(described: _Described) -> None:
    """Write the cluster's events of the object, or the store's if the cluster has none."""
    request, cluster = described.sources.request, described.sources.cluster
    wants_documents = request.output.has_documents
    if cluster and cluster.label == described.subject.cluster:
        result = events_section(
            described.sources.engine(described.selection, alone=True), wants_documents=wants_documents
        )
        batches = list(result.batches)
        if any(batch.num_rows for batch in batches):
            write(replace(result, batches=batches), request.output, request.terminal)
            return
        request.terminal.note(f"Cluster {cluster.label} has no events of it now; showing those of the store.")
    result = events_section(request.engine(described.selection), wants_documents=wants_documents)
    write_answer(request, replace(result, empty=described.no_events))


def _write_history(described: _Described, *, with_family: bool) -> None:
    """Write all events of the object, and of its family."""
    request = described.sources.request
    inputs = _with_family(described) if with_family else _alone(described)
    covered = request.store.snapshot.coverage.get(described.subject.cluster, ())
    for_people = described.output.check(request.terminal).for_people
    result = history(replace(inputs, covered=covered), described.output.zone, for_people=for_people)
    write(replace(result, empty=described.no_events), described.output, request.terminal)


def _alone(described: _Described) -> HistoryInput:
    subject = described.subject
    own_events = events(described.sources.engine(described.selection))
    is_pod = subject.kind == "Pod" and bool(own_events)
    created = families.created(described.sources.request.engine(described.surroundings), subject) if is_pod else ()
    return HistoryInput(subject, own_events, created=created)


def _with_family(described: _Described) -> HistoryInput:
    subject, lines = described.subject, described.lines
    surroundings = described.sources.engine(described.surroundings, lines=lines)
    family = families.family(surroundings, subject)
    nodes = families.nodes(surroundings, family.members) - family.depth.keys()
    # `*` would match other objects. No object has it in its name, but an event can name anything.
    objects = tuple(f"{kind}/{name}" for kind, name in (*family.members, *sorted(nodes)) if "*" not in name)
    namespaces = tuple(dict.fromkeys((*described.selection.namespaces, "default"))) if subject.namespace else ()
    selection = replace(described.selection, namespaces=namespaces, kinds=(), names=(), objects=objects)
    family_events = events(described.sources.engine(selection, lines=lines))
    created = families.created(surroundings, subject)
    return HistoryInput(subject, _of_family(family_events, subject, family), family, created)


def _of_family(candidates: list[Event], subject: Subject, family: Family) -> list[Event]:
    """Without objects of the same name in namespace default, siblings, and node events at other times."""
    candidates = [event for event in candidates if family.concerns(event.child)]
    if subject.namespace is None:
        return candidates
    own_events = (event for event in candidates if event.kind != "Node" and event.namespace == subject.namespace)
    times = [time for event in own_events for time in (event.first_seen, event.last_seen) if time]
    if not times:
        return []
    start, end = min(times), max(times)
    return [
        event
        for event in candidates
        if (_overlaps(event, start, end) if event.kind == "Node" else event.namespace == subject.namespace)
    ]


def _overlaps(event: Event, start: datetime, end: datetime) -> bool:
    return bool(event.first_seen and event.last_seen and event.first_seen <= end and event.last_seen >= start)
