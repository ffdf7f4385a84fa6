"""What is exported: the observations that a selection lets through, and what they cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from kevents.query.engine import Engine
from kevents.query.pattern import are_exact
from kevents.query.selection import Selection
from kevents.store import coverage_transfer
from kevents.store.coverage import ALL, Span

if TYPE_CHECKING:
    import pyarrow as pa

_PARTS = """
SELECT cluster, "day", count(*) AS observations, min(last_seen) AS first, max(last_seen) AS last
FROM stored.filtered_rows
GROUP BY ALL
ORDER BY "day" NULLS FIRST, cluster
"""
_EVENTS = """
SELECT count(DISTINCT hash(object_hash, name_clock)) FILTER (NOT nameless) + count(*) FILTER (nameless) AS events
FROM stored.observations
WHERE in_window(last_seen) AND in_window_days("day")
    AND observation_matches("type", message, "count", severity, category)
"""
# The cluster is where exporters of events put it, so that an import finds it.
_DOCUMENTS = """
SELECT json_merge_patch(event_document(observation, written_name), json_object('cluster', cluster)) AS document
FROM (
    FROM stored.observations
    WHERE in_window(last_seen) AND observation_matches("type", message, "count", severity, category)
        AND cluster = $cluster AND "day" IS NOT DISTINCT FROM $day::DATE
    ORDER BY last_seen, name_clock, namespace, name, event_name, "count", resource_version, uid, message
) AS observation
"""


@dataclass(frozen=True)
class ClusterDay:
    """The observations of a cluster and a UTC day. first, last: the span of last_seen."""

    cluster: str
    day: date | None
    observations: int
    first: datetime | None
    last: datetime | None

    @property
    def parameters(self) -> dict[str, str | None]:
        """What SQL reads as $cluster and $day."""
        return {"cluster": self.cluster, "day": self.day.isoformat() if self.day else None}


class Choice:
    """The observations of an engine's selection. coverage: the store's, by cluster."""

    def __init__(self, engine: Engine, coverage: Mapping[str, Sequence[Span]]) -> None:
        self.engine = engine
        self._coverage = coverage

    @cached_property
    def parts(self) -> tuple[ClusterDay, ...]:
        """Each cluster and day that has some, by time."""
        return tuple(ClusterDay(**row) for row in self.engine.rows(_PARTS))

    @cached_property
    def observations(self) -> int:
        """How many there are."""
        return sum(part.observations for part in self.parts)

    @cached_property
    def events(self) -> int:
        """Of how many events."""
        ((count,),) = (row.values() for row in self.engine.rows(_EVENTS))
        return int(count)

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters of these observations."""
        return tuple(sorted({part.cluster for part in self.parts}))

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """When the first and the last of them were last seen, absurd times aside."""
        seen = [(part.first, part.last) for part in self.parts if part.day and part.first and part.last]
        return (min(first for first, _ in seen), max(last for _, last in seen)) if seen else None

    @property
    def scope(self) -> coverage_transfer.TransferScope:
        """Which part of the store's coverage the export takes along."""
        return transfer_scope(self.engine.selection)

    @cached_property
    def coverage(self) -> dict[str, tuple[Span, ...]]:
        """What of the store's coverage is true of them, by cluster."""
        shares = {cluster: self.scope.coverage(self._coverage.get(cluster, ())) for cluster in self.clusters}
        return {cluster: spans for cluster, spans in shares.items() if spans}

    def documents(self) -> Iterator[pa.RecordBatch]:
        """Each as a core/v1 Event in a column `document`, by day."""
        for part in self.parts:
            yield from self.engine.batches(_DOCUMENTS, part.parameters)


def transfer_scope(selection: Selection) -> coverage_transfer.TransferScope:
    """What of a store's coverage a selection takes along: all of it, if it chooses by nothing but where and when."""
    bare = Selection(
        clusters=selection.clusters, namespaces=selection.namespaces, since=selection.since, until=selection.until
    )
    is_plain = are_exact(selection.namespaces)
    scopes = selection.namespaces if selection.namespaces and is_plain else (ALL,)
    is_whole = is_plain and selection == bare
    return coverage_transfer.TransferScope(selection.since, selection.until, scopes, is_complete=is_whole)
