"""The report of a pruning: a row for each day of a cluster that was deleted, or would be."""

from __future__ import annotations

from typing import Any

from kevents.maintenance.prune import Pruned
from kevents.maintenance.prune_plan import Cut
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


def prune_report(pruned: Pruned) -> Result:
    """The days, the oldest first. kept: the lowest severity that stays, null where nothing does."""
    ordered = sorted(pruned.cuts, key=lambda cut: (cut.day, cut.cluster))
    return Result.of_rows(_COLUMNS, map(_row, ordered), empty="Nothing to prune.")


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
