"""The report of a pruning: one row per day and cluster that was deleted, or would be."""

from __future__ import annotations

from typing import Any

from kevents.maintenance.prune import PruneResult
from kevents.maintenance.prune_plan import Deletion
from kevents.result import Column, Kind, Result

_COLUMNS = (
    Column("cluster"),
    Column("day"),
    Column("first_seen", Kind.TIME),
    Column("last_seen", Kind.TIME),
    Column("observations", Kind.NUMBER),
    Column("bytes", Kind.BYTES),
    Column("kept"),
)


def prune_report(result: PruneResult) -> Result:
    """The deleted days, the oldest first. kept: the lowest severity that was kept, null if none was."""
    ordered = sorted(result.deletions, key=lambda deletion: (deletion.day, deletion.cluster))
    return Result.of_rows(_COLUMNS, map(_row, ordered), empty="Nothing to prune.")


def _row(deletion: Deletion) -> dict[str, Any]:
    return {
        "cluster": deletion.cluster,
        "day": deletion.day.isoformat(),
        "first_seen": min((file.min_last_seen for file in deletion.files if file.min_last_seen), default=None),
        "last_seen": max((file.max_last_seen for file in deletion.files if file.max_last_seen), default=None),
        "observations": deletion.observations,
        "bytes": deletion.bytes,
        "kept": deletion.kept or None,
    }
