"""What a store holds: a row a cluster, and their sum. The files tell sizes, only the views know events."""

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
_EVENTS = """
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
    """Path, clusters, spans (absurd times aside), observations, events, files and bytes of the store in the directory.

    journal: the files of what was recorded just before and is no segment yet.
    """
    import pyarrow as pa

    counted = engine.rows(_EVENTS)
    clusters = counted[:-1]  # the last row is the sum of all
    rows = [_row(directory, one, _of(one["cluster"], files), _of(one["cluster"], journal)) for one in clusters]
    if len(clusters) > 1:
        rows.append(_row(directory, {**counted[-1], "cluster": "TOTAL"}, files, journal))
    types = {"bytes_per_observation": pa.float64()}
    return Result.of_rows(_COLUMNS, rows, types, empty=f"The store in {directory} is empty.")


H = TypeVar("H", "StoreFile", "Part")


def _of(cluster: str, files: Iterable[H]) -> list[H]:
    return [file for file in files if file.cluster == cluster]


def _row(
    directory: Path, counted: dict[str, Any], files: Sequence[StoreFile], journal: Sequence[Part]
) -> dict[str, Any]:
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    return {
        **counted,
        "path": str(directory),
        "files": len(files) + len(journal),
        "bytes": size + sum(part.size for part in journal),
        "bytes_per_observation": round(size / rows, 1) if rows else None,
    }
