"""Coverage that goes along with observations from one store into another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kevents.store.coverage import ALL, Span, State, clipped, merged, without

_LACKS = {State.GAP, State.LOST, State.PRUNED}
_PROMISES = {State.WATCHED, State.LISTED}


@dataclass(frozen=True)
class TransferScope:
    """What of a store is handed on, as far as coverage is concerned.

    scopes: the namespaces that it is of, ALL for all of them. is_whole: whether it is all that the store has of those;
    of a choice of the observations of a time it can only be said that they tell of it.
    """

    since: datetime | None = None
    until: datetime | None = None
    scopes: tuple[str, ...] = (ALL,)
    is_whole: bool = True

    def share(self, spans: Iterable[Span]) -> tuple[Span, ...]:
        """What the part covers, of what the store does."""
        kept = (self._claimed(cut) for span in spans if (cut := self._clipped(span)))
        return merged(replace(span, scope=scope) for span in kept for scope in self._scopes(span))

    def _clipped(self, span: Span) -> Span | None:
        if span.start < span.end:
            return clipped(span, self.since, self.until)
        is_in = (self.since or span.start) <= span.start and (self.until is None or span.start < self.until)
        return span if is_in else None  # the moment of a list

    def _claimed(self, span: Span) -> Span:
        if self.is_whole or span.state not in _PROMISES:
            return span
        return Span(span.scope, State.IMPORTED, span.start, span.end)

    def _scopes(self, span: Span) -> tuple[str, ...]:
        if span.scope == ALL:
            return self.scopes
        return (span.scope,) if span.scope in self.scopes or ALL in self.scopes else ()


def adopted(own: Sequence[Span], handed: Iterable[Span]) -> list[Span]:
    """What a store takes over of the coverage that came along with observations.

    What another store lacked says nothing about a time of which this one has something.
    """
    taken = []
    for span in handed:
        known = [one for one in own if one.state not in _LACKS and one.scope in (ALL, span.scope)]
        taken += without(span, known) if span.state in _LACKS else [span]
    return taken
