"""Checks the cluster labels of dumps: a label that cannot be the name of a directory costs only its own events."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kevents.errors import UsageError
from kevents.source.dump.pieces import Document, Problem
from kevents.store.paths import cluster_directory

if TYPE_CHECKING:
    import pyarrow as pa


def label_problem(document: Document) -> Problem | None:
    """Why the event cannot be stored under its cluster label; None if it can."""
    fault = _fault(document.cluster) if document.cluster else None
    return Problem(f"the event was left out: {fault}", document.line, None) if fault else None


def without_unusable(table: pa.Table) -> tuple[pa.Table, list[Problem]]:
    """The rows of a table with a column `cluster` that can be stored, and a problem for each label of the others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    problems, unusable = [], []
    for label in pc.unique(table.column("cluster")).to_pylist():
        fault = _fault(label) if label else None
        if fault:
            unusable.append(label)
            rows = pc.sum(pc.equal(table.column("cluster"), label)).as_py()
            were = "row was" if rows == 1 else "rows were"
            problems.append(Problem(f"{rows:,} {were} left out: {fault}", None, None))
    if unusable:
        table = table.filter(pc.invert(pc.is_in(table.column("cluster"), pa.array(unusable, pa.string()))))
    return table, problems


@lru_cache(maxsize=1024)
def _fault(label: str) -> str | None:
    try:
        cluster_directory(label)
    except UsageError as error:
        return str(error)
    return None
