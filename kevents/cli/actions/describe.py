"""Shows the events of one object as kubectl describe does, or its whole history."""

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
    """Write the events of the object that the words name. family: with its relatives, which is a history as well."""
    kind, name = parse(words)
    described = _Described.of(terminal, flags, kind, name, offline=offline)
    if history or family:
        _write_history(described, with_family=family)
    else:
        _write_events(described)


@dataclass(frozen=True)
class _Described:
    """One object, and where its events come from. output: with times of day for a history, unless a flag says else."""

    sources: Sources
    subject: Subject
    output: Output
    is_relative: bool = False  # known only through its relatives

    @classmethod
    def of(cls, terminal: Terminal, flags: ObjectFlags, kind: str, name: str, *, offline: bool) -> _Described:
        """The object of that type and name, of the namespaces and clusters of the flags."""
        found = sources(terminal, flags, kind, name, offline=offline)
        selection = narrowed(found.request.selection, kind, name)
        output = replace(found.request.output, time=flags.output.time or "clock")
        if subject := find(found.engine(selection), kind, name):
            return cls(found, subject, output)
        everything = found.engine(replace(selection, kinds=(), names=()))
        if subject := find_relative(everything, kind, name):
            return cls(found, subject, output, is_relative=True)
        raise unknown(everything, kind, name, found.cluster.label if found.cluster else None)

    @property
    def selection(self) -> Selection:
        """The flags' selection, of this object."""
        subject = self.subject
        return replace(
            self.sources.request.selection,
            clusters=(subject.cluster,),
            namespaces=self._namespaces,
            kinds=(subject.kind,),
            names=(subject.name,),
        )

    @property
    def around(self) -> Selection:
        """Everything that may be of its family, at any time."""
        return Selection(clusters=(self.subject.cluster,), namespaces=self._namespaces)

    @property
    def lines(self) -> bytes:
        """The cluster's events of everything around it."""
        cluster = self.sources.cluster
        return cluster.events(self.subject.namespace) if cluster and cluster.label == self.subject.cluster else b""

    @property
    def nothing(self) -> str:
        """The sentence for an object that is known, but has no events here."""
        if self.is_relative:
            return f"{self.subject.place} has no events itself, but related objects do; add --family."
        return f"{self.subject.place} has no such events. It has some without --since and other filters."

    @property
    def _namespaces(self) -> tuple[str, ...]:
        return (self.subject.namespace,) if self.subject.namespace else ()


def _write_events(described: _Described) -> None:
    """The cluster's events of the object; the store's if the cluster has none."""
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
        request.terminal.note(f"Cluster {cluster.label} has no such events now; showing the store's.")
    result = events_section(request.engine(described.selection), wants_documents=wants_documents)
    write_answer(request, replace(result, empty=described.nothing))


def _write_history(described: _Described, *, with_family: bool) -> None:
    """Everything known about the object, and about its family."""
    request = described.sources.request
    found = _with_family(described) if with_family else _alone(described)
    covered = request.store.snapshot.coverage.get(described.subject.cluster, ())
    for_people = described.output.check(request.terminal).for_people
    result = history(replace(found, covered=covered), described.output.zone, for_people=for_people)
    write(replace(result, empty=described.nothing), described.output, request.terminal)


def _alone(described: _Described) -> HistoryInput:
    subject = described.subject
    found = events(described.sources.engine(described.selection))
    is_pod = subject.kind == "Pod" and bool(found)
    created = families.created(described.sources.request.engine(described.around), subject) if is_pod else ()
    return HistoryInput(subject, found, created=created)


def _with_family(described: _Described) -> HistoryInput:
    subject, lines = described.subject, described.lines
    around = described.sources.engine(described.around, lines=lines)
    family = families.family(around, subject)
    nodes = families.nodes(around, family.members) - family.depth.keys()
    # a name that is a pattern would match strangers; no object has one, but anybody can write an event
    objects = tuple(f"{kind}/{name}" for kind, name in (*family.members, *sorted(nodes)) if "*" not in name)
    namespaces = tuple(dict.fromkeys((*described.selection.namespaces, "default"))) if subject.namespace else ()
    selection = replace(described.selection, namespaces=namespaces, kinds=(), names=(), objects=objects)
    found = events(described.sources.engine(selection, lines=lines))
    created = families.created(around, subject)
    return HistoryInput(subject, _of_family(found, subject, family), family, created)


def _of_family(found: list[Event], subject: Subject, family: Family) -> list[Event]:
    """Without strangers of the same name in namespace default, siblings, and node events of other times."""
    found = [event for event in found if family.concerns(event.child)]
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
