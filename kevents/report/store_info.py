"""The contents of a store: one row per cluster, and a total. Sizes come from the files, events from the views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    from pathlib import Path

    from kevents.query.engine import Engine
    from kevents.store.catalog import StoreFile
    from kevents.store.journal.part import Part

_COLUMNS = (
    Column("path", show=Show.DATA),
    Column("cluster"),
    Column("first_seen", Kind.TIME),
    Column("last_seen", Kind.TIME),
    Column("observations", Kind.NUMBER),
    Column("events", Kind.NUMBER),
    Column("files", Kind.NUMBER),
    Column("bytes", Kind.BYTES),
    Column("bytes_per_observation", Kind.NUMBER, label="BYTES/OBSERVATION"),
)
_COUNTS = """
WITH newest AS (
    SELECT
        cluster,
        count(*) AS events,
        min(first_seen) FILTER (day IS NOT NULL) AS first_seen,
        max(last_seen) FILTER (day IS NOT NULL) AS last_seen
    FROM events
    GROUP BY ROLLUP (cluster)
),

counted AS (SELECT cluster, count(*) AS observations FROM observations GROUP BY ROLLUP (cluster))

SELECT newest.*, observations
FROM newest JOIN counted ON newest.cluster IS NOT DISTINCT FROM counted.cluster
ORDER BY newest.cluster NULLS LAST
"""


def store_info(directory: Path, files: Sequence[StoreFile], journal: Sequence[Part], engine: Engine) -> Result:
    """Path, cluster, time range (without impossible times), observations, events, files and bytes of a store.

    journal: the files of recorded events that are not yet in a segment.
    """
    import pyarrow as pa

    *clusters, total = engine.rows(_COUNTS) or [{}]
    rows = [
        _row(directory, counts, _of(counts["cluster"], files), _of(counts["cluster"], journal)) for counts in clusters
    ]
    if len(clusters) > 1:
        rows.append(_row(directory, {**total, "cluster": "TOTAL"}, files, journal))
    types = {"bytes_per_observation": pa.float64()}
    return Result.of_rows(_COLUMNS, rows, types, empty=f"The store in {directory} is empty.")


F = TypeVar("F", "StoreFile", "Part")


def _of(cluster: str, files: Iterable[F]) -> list[F]:
    return [file for file in files if file.cluster == cluster]


def _row(
    directory: Path, counts: dict[str, Any], files: Sequence[StoreFile], journal: Sequence[Part]
) -> dict[str, Any]:
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    return {
        **counts,
        "path": str(directory),
        "files": len(files) + len(journal),
        "bytes": size + sum(part.size for part in journal),
        "bytes_per_observation": round(size / rows, 1) if rows else None,
    }
