"""What a store holds: a row a cluster, and their sum. The catalog knows sizes, only the views know events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    from pathlib import Path

    from kevents.query.engine import Engine
    from kevents.store.catalog import StoreFile

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
SELECT
    cluster,
    count(*) AS events,
    min(first_seen) FILTER (day IS NOT NULL) AS first_seen,
    max(last_seen) FILTER (day IS NOT NULL) AS last_seen
FROM events
GROUP BY ROLLUP (cluster)
ORDER BY cluster NULLS LAST
"""


def holdings(folder: Path, files: Sequence[StoreFile], engine: Engine) -> Result:
    """Path, clusters, spans (absurd times aside), observations, events, files and bytes of the store in the folder."""
    import pyarrow as pa

    counted = [row for batch in engine.batches(_EVENTS) for row in batch.to_pylist()]
    clusters = counted[:-1]  # the last row is the sum of all
    rows = [_row(folder, one, [file for file in files if file.cluster == one["cluster"]]) for one in clusters]
    if len(clusters) > 1:
        rows.append(_row(folder, {**counted[-1], "cluster": "TOTAL"}, files))
    time, number = pa.timestamp("us", tz="UTC"), pa.int64()
    types = {Kind.TIME: time, Kind.NUMBER: number, Kind.BYTES: number, Kind.TEXT: pa.string()}
    schema = pa.schema([(column.name, types[column.kind]) for column in _COLUMNS[:-1]])
    schema = schema.append(pa.field(_COLUMNS[-1].name, pa.float64()))
    return Result(_COLUMNS, [pa.RecordBatch.from_pylist(rows, schema)], empty=f"The store in {folder} is empty.")


def _row(folder: Path, counted: dict[str, Any], files: Iterable[StoreFile]) -> dict[str, Any]:
    files = list(files)
    observations, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    return {
        **counted,
        "path": str(folder),
        "observations": observations,
        "files": len(files),
        "bytes": size,
        "bytes_per_observation": round(size / observations, 1) if observations else None,
    }
