"""The contents of an export: the observations of a selection, and their coverage."""

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

_CLUSTER_DAYS = """
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
_SELECTED = """
FROM stored.observations
WHERE in_window(last_seen) AND observation_matches("type", message, "count", severity, category)
    AND cluster = $cluster AND "day" IS NOT DISTINCT FROM $day::DATE
"""
_ORDER = 'last_seen, name_clock, namespace, name, event_name, "count", resource_version, uid, message'
_BYTES = "coalesce(strlen(message), 0) + coalesce(strlen(extra), 0) + coalesce(strlen(related), 0)"
_TEXT = f"SELECT sum({_BYTES})::BIGINT AS bytes, max({_BYTES}) AS longest {_SELECTED}"
_ROWS = f"SELECT row_id::VARCHAR AS row_id, {_BYTES} AS bytes {_SELECTED} ORDER BY {_ORDER}"
# Sets the key `cluster` as event exporters do, so that an import recognizes it.
_DOCUMENTS = f"""
SELECT json_merge_patch(event_document(observation, written_name), json_object('cluster', cluster)) AS document
FROM ({_SELECTED} {{rows}} ORDER BY {_ORDER}) AS observation
"""
_GROUP_BYTES = 4 << 20  # of text in documents that are built together: DuckDB needs several copies of them
_LONG_ON_AVERAGE = 1_000  # bytes of text per observation
_LONG = 64 << 10  # bytes of text of one observation


@dataclass(frozen=True)
class ClusterDay:
    """The observations of one cluster and UTC day. first, last: the range of last_seen."""

    cluster: str
    day: date | None
    observations: int
    first: datetime | None
    last: datetime | None

    @property
    def parameters(self) -> dict[str, str | None]:
        """The SQL parameters $cluster and $day."""
        return {"cluster": self.cluster, "day": self.day.isoformat() if self.day else None}


class ExportContents:
    """The observations of an engine's selection, with the coverage of the store that applies to them."""

    def __init__(self, engine: Engine, store_coverage: Mapping[str, Sequence[Span]]) -> None:
        """store_coverage: by cluster."""
        self.engine = engine
        self._store_coverage = store_coverage

    @cached_property
    def cluster_days(self) -> tuple[ClusterDay, ...]:
        """The clusters and days with observations, by day."""
        return tuple(ClusterDay(**row) for row in self.engine.rows(_CLUSTER_DAYS))

    @cached_property
    def observations(self) -> int:
        """The number of observations."""
        return sum(part.observations for part in self.cluster_days)

    @cached_property
    def events(self) -> int:
        """The number of events that the observations belong to."""
        ((count,),) = (row.values() for row in self.engine.rows(_EVENTS))
        return int(count)

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters of the observations."""
        return tuple(sorted({part.cluster for part in self.cluster_days}))

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """The range of last_seen, without out-of-range times."""
        seen = [(part.first, part.last) for part in self.cluster_days if part.day and part.first and part.last]
        return (min(first for first, _ in seen), max(last for _, last in seen)) if seen else None

    @property
    def scope(self) -> coverage_transfer.TransferScope:
        """The part of the store's coverage that the export includes."""
        return transfer_scope(self.engine.selection)

    @cached_property
    def coverage(self) -> dict[str, tuple[Span, ...]]:
        """The coverage of the export, by cluster."""
        shares = {cluster: self.scope.coverage(self._store_coverage.get(cluster, ())) for cluster in self.clusters}
        return {cluster: spans for cluster, spans in shares.items() if spans}

    def documents(self) -> Iterator[pa.RecordBatch]:
        """Every observation as a core/v1 Event in a column `document`, by day."""
        for part in self.cluster_days:
            if self._has_long_text(part):
                for rows in list(self._groups(part)):  # a connection has one open result
                    sql = _DOCUMENTS.format(rows=f"AND row_id IN ({', '.join(rows)})")
                    yield from self.engine.batches(sql, part.parameters)
            else:
                yield from self.engine.batches(_DOCUMENTS.format(rows=""), part.parameters)

    def _has_long_text(self, part: ClusterDay) -> bool:
        """Whether the documents of a day may be too large to be built together."""
        (text,) = self.engine.rows(_TEXT, part.parameters)
        total, longest = text["bytes"] or 0, text["longest"] or 0
        is_long = longest > _LONG or total > part.observations * _LONG_ON_AVERAGE
        return is_long and total > _GROUP_BYTES

    def _groups(self, part: ClusterDay) -> Iterator[list[str]]:
        """The row numbers of a day in the order of the export, in groups with a limited size of text."""
        rows: list[str] = []
        size = 0
        for batch in self.engine.batches(_ROWS, part.parameters):
            for row in batch.to_pylist():
                if rows and size + row["bytes"] > _GROUP_BYTES:
                    yield rows
                    rows, size = [], 0
                rows.append(row["row_id"])
                size += row["bytes"]
        if rows:
            yield rows


def transfer_scope(selection: Selection) -> coverage_transfer.TransferScope:
    """The part of a store's coverage that applies to a selection.

    The export covers time only if it contains every event of its clusters, namespaces and time range.
    """
    unfiltered = Selection(
        clusters=selection.clusters, namespaces=selection.namespaces, since=selection.since, until=selection.until
    )
    has_exact_names = are_exact(selection.namespaces)
    scopes = selection.namespaces if selection.namespaces and has_exact_names else (ALL,)
    is_whole = has_exact_names and selection == unfiltered
    return coverage_transfer.TransferScope(selection.since, selection.until, scopes, is_complete=is_whole)
