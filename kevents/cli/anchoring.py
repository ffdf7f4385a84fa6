"""What TIME|EVENT of a command line means: a moment, an event by its name, or the worst event of an object."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kevents import clock
from kevents.errors import QueryError, UsageError
from kevents.escape import escape
from kevents.query.kinds import parse_kind
from kevents.query.selection import Selection
from kevents.report.anchor import Anchor, named, worst
from kevents.report.describe.family import Family, family
from kevents.report.describe.subject import Subject, find, parse, unknown

if TYPE_CHECKING:
    from datetime import datetime

    from kevents.cli.asking import Asking

_HARMLESS = ("notice", "info")
_OBJECT = re.compile(r"[A-Za-z][\w.-]*/.+", re.DOTALL)


def moment(asking: Asking, said: str | None) -> tuple[datetime, str] | None:
    """The moment that is meant, and a sentence that says which it is; None where nothing is said nor happened."""
    if said is None:
        found = worst(asking.engine())
        if found is None:
            return None
        return found.at, _told(found, asking, "the worst event there is")
    if _OBJECT.fullmatch(said):
        subject, found, _ = worst_of(asking, *parse([said]))
        return found.at, _told(found, asking, f"the worst event of {escape(subject.place)}")
    try:
        at = clock.parse_time(said, asking.output.now, asking.output.zone)
    except UsageError as error:
        found = named(asking.engine(), said)
        if found is None:
            raise UsageError(f'"{escape(said)}" is no time, no TYPE/NAME and no name of an event', error.hint) from None
        return found.at, _told(found, asking, f"the event {escape(said)}")
    return at, f"Around {clock.absolute(at, asking.output.zone)}."


class Worst(NamedTuple):
    """An object and its worst event, with its family where that had to be looked for."""

    subject: Subject
    event: Anchor
    family: Family | None


def worst_of(asking: Asking, kind: str, name: str) -> Worst:
    """The object of that type and name, and its worst event in the window; or what may have been meant.

    Where nothing bad is told of the object itself, as of most Deployments, it is the worst event of its family.
    """
    asked = replace(asking.selection, kinds=(kind,), names=(name,), objects=())
    engine = replace(asking, selection=asked).engine()
    subject = find(engine, kind, name)
    if subject is None:
        everything = replace(asking, selection=Selection(clusters=asked.clusters, namespaces=asked.namespaces))
        raise unknown(everything.engine(), kind, name, "the store")
    found, relatives = worst(engine), None
    if found is None or found.severity in _HARMLESS:
        home = (subject.namespace,) if subject.namespace else ()
        everything = replace(asking, selection=Selection(clusters=(subject.cluster,), namespaces=home))
        relatives = family(everything.engine(), subject)
        found = _worst_among(asking, subject, relatives) or found
    if found is None:
        shown = f"{parse_kind(kind).kind}/{name}"
        raise QueryError(f"{escape(shown)} has no such events in this window", "Leave out --since and other filters.")
    return Worst(subject, found, relatives)


def _worst_among(asking: Asking, subject: Subject, relatives: Family) -> Anchor | None:
    home = (subject.namespace,) if subject.namespace else ()
    named = tuple(f"{kind}/{name}" for kind, name in relatives.members)
    asked = replace(asking.selection, clusters=(subject.cluster,), namespaces=home, kinds=(), names=(), objects=named)
    found = worst(replace(asking, selection=asked).engine()) if named else None
    return None if found and found.severity in _HARMLESS else found


def _told(found: Anchor, asking: Asking, chosen: str) -> str:
    return f"Around {clock.absolute(found.at, asking.output.zone)}, when {found.told()} began: {chosen}."
