"""What a pruning tells: a row for each day of a cluster that went, or that would go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kevents.maintenance.prune import Pruned
from kevents.maintenance.prune_plan import Cut
from kevents.result import Column, Kind, Result

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = (
    Column("cluster"),
    Column("day"),
    Column("first_seen", Kind.TIME),
    Column("last_seen", Kind.TIME),
    Column("observations", Kind.NUMBER),
    Column("bytes", Kind.BYTES),
    Column("kept"),
)


def result(pruned: Pruned) -> Result:
    """The days, the oldest first. kept: the lowest severity that stays, null where nothing does."""
    import pyarrow as pa

    time = pa.timestamp("us", tz="UTC")
    types: dict[Kind, pa.DataType] = {Kind.TIME: time, Kind.NUMBER: pa.int64(), Kind.BYTES: pa.int64()}
    schema = pa.schema([(column.name, types.get(column.kind, pa.string())) for column in _COLUMNS])
    ordered = sorted(pruned.cuts, key=lambda cut: (cut.day, cut.cluster))
    batch = pa.RecordBatch.from_pylist(list(map(_row, ordered)), schema)
    return Result(_COLUMNS, [batch], empty="There is nothing to prune.")


def _row(cut: Cut) -> dict[str, Any]:
    return {
        "cluster": cut.cluster,
        "day": cut.day.isoformat(),
        "first_seen": min((file.min_last_seen for file in cut.files if file.min_last_seen), default=None),
        "last_seen": max((file.max_last_seen for file in cut.files if file.max_last_seen), default=None),
        "observations": cut.observations,
        "bytes": cut.bytes,
        "kept": cut.kept or None,
    }
