"""Resolves a time, an event name, or an object's TYPE/NAME to a moment."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kevents import clock
from kevents.errors import QueryError, UsageError
from kevents.escape import escape
from kevents.query.kinds import parse_kind
from kevents.query.selection import Selection
from kevents.report.anchor import Anchor, event_named, worst_event
from kevents.report.describe.family import Family, family
from kevents.report.describe.subject import Subject, find, parse, unknown

if TYPE_CHECKING:
    from datetime import datetime

    from kevents.cli.request import Request

_HARMLESS = ("notice", "info")
_OBJECT = re.compile(r"[A-Za-z][\w.-]*/.+", re.DOTALL)


def moment(request: Request, text: str | None) -> tuple[datetime, str] | None:
    """The moment and a sentence about it; without text, the worst event. Returns None if there is no event."""
    if text is None:
        event = worst_event(request.engine())
        if event is None:
            return None
        return event.at, _sentence(event, request, "the worst event found")
    if _OBJECT.fullmatch(text):
        subject, event, _ = worst_of(request, *parse([text]))
        return event.at, _sentence(event, request, f"the worst event of {escape(subject.place)}")
    try:
        at = clock.parse_time(text, request.output.now, request.output.zone)
    except UsageError as error:
        event = event_named(request.engine(), text)
        if event is None:
            raise UsageError(f'"{escape(text)}" is not a time, TYPE/NAME or event name', error.hint) from None
        return event.at, _sentence(event, request, f"the event {escape(text)}")
    return at, f"Around {clock.absolute(at, request.output.zone)}."


class Worst(NamedTuple):
    """An object, its worst event, and its family if that was needed to find the event."""

    subject: Subject
    event: Anchor
    family: Family | None


def worst_of(request: Request, kind: str, name: str) -> Worst:
    """The object of that type and name, and its worst event in the window.

    If the object has no bad events, as with most Deployments, this is the worst event of its family. Raises QueryError
    with similar names if the object is unknown.
    """
    selection = replace(request.selection, kinds=(kind,), names=(name,), objects=())
    engine = request.engine(selection)
    subject = find(engine, kind, name)
    if subject is None:
        everything = Selection(clusters=selection.clusters, namespaces=selection.namespaces)
        raise unknown(request.engine(everything), kind, name)
    event, relatives = worst_event(engine), None
    if event is None or event.severity in _HARMLESS:
        namespaces = (subject.namespace,) if subject.namespace else ()
        relatives = family(request.engine(Selection(clusters=(subject.cluster,), namespaces=namespaces)), subject)
        event = _worst_among(request, subject, relatives) or event
    if event is None:
        label = escape(f"{parse_kind(kind).kind}/{name}")
        raise QueryError(f"no matching events of {label}", "Leave out --since and other filters.")
    return Worst(subject, event, relatives)


def _worst_among(request: Request, subject: Subject, relatives: Family) -> Anchor | None:
    namespaces = (subject.namespace,) if subject.namespace else ()
    members = tuple(f"{kind}/{name}" for kind, name in relatives.members)
    if not members:
        return None
    event = worst_event(
        request.engine(
            replace(
                request.selection,
                clusters=(subject.cluster,),
                namespaces=namespaces,
                kinds=(),
                names=(),
                objects=members,
            )
        )
    )
    return None if event and event.severity in _HARMLESS else event


def _sentence(event: Anchor, request: Request, which: str) -> str:
    return f"Around {clock.absolute(event.at, request.output.zone)}: start of {event.title()}, {which}."
