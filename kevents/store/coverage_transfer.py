"""The coverage that is exported with observations, and what an importing store adopts of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kevents.store.coverage import ALL, Span, State, clipped, merged, without

_MISSING = {State.GAP, State.LOST, State.PRUNED}
_COMPLETE = {State.WATCHED, State.LISTED}


@dataclass(frozen=True)
class TransferScope:
    """Which part of a store is exported.

    scopes: the exported namespaces, or ALL. is_complete: whether all their observations are exported. If other filters
    apply as well, watched time is only exported as imported.
    """

    since: datetime | None = None
    until: datetime | None = None
    scopes: tuple[str, ...] = (ALL,)
    is_complete: bool = True

    def coverage(self, spans: Iterable[Span]) -> tuple[Span, ...]:
        """The coverage of the exported part, given the coverage of the store."""
        kept = (self._downgraded(part) for span in spans if (part := self._clipped(span)))
        return merged(replace(span, scope=scope) for span in kept for scope in self._scopes(span))

    def _clipped(self, span: Span) -> Span | None:
        if span.start < span.end:
            return clipped(span, self.since, self.until)
        # a list covers a single moment
        is_inside = (self.since or span.start) <= span.start and (self.until is None or span.start < self.until)
        return span if is_inside else None

    def _downgraded(self, span: Span) -> Span:
        if self.is_complete or span.state not in _COMPLETE:
            return span
        return Span(span.scope, State.IMPORTED, span.start, span.end)

    def _scopes(self, span: Span) -> tuple[str, ...]:
        if span.scope == ALL:
            return self.scopes
        return (span.scope,) if span.scope in self.scopes or ALL in self.scopes else ()


def adopted(own: Sequence[Span], imported: Iterable[Span]) -> list[Span]:
    """The part of imported coverage that a store adopts.

    A gap of the other store is ignored where this store has coverage of its own.
    """
    spans = []
    for span in imported:
        known = [other for other in own if other.state not in _MISSING and other.scope in (ALL, span.scope)]
        spans += without(span, known) if span.state in _MISSING else [span]
    return spans
