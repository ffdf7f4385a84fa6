"""Writing a choice as Parquet: as a store of its own, or as one file."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kevents import duck
from kevents.errors import StoreError
from kevents.export.choice import Choice, ClusterDay
from kevents.store import catalog, disk
from kevents.store.catalog import Catalog, ClusterState, StoreFile
from kevents.store.export_footer import KEY, Footer
from kevents.store.paths import observations, segment_in
from kevents.store.segments import segment
from kevents.store.store import Store

Watch = Callable[[int], None]  # told how many observations are written so far

_PART = f"""
SELECT {segment.COLUMNS} FROM stored.filtered_rows
WHERE cluster = $cluster AND "day" IS NOT DISTINCT FROM $day::DATE
ORDER BY {segment.ORDERS[segment.ORDER]}
"""
_ALL = f"SELECT cluster, {segment.COLUMNS} FROM stored.filtered_rows ORDER BY cluster, {segment.ORDERS[segment.ORDER]}"


def write_store(choice: Choice, directory: Path, watch: Watch) -> None:
    """Make the directory, which is new, a store of what was chosen."""
    store = Store(directory)
    store.create()
    files = []
    with closing(duck.connect()) as reading:
        for part in choice.parts:
            files.append(_segment(choice, part, directory, reading))
            watch(sum(file.rows for file in files))
    check(choice, sum(file.rows for file in files))
    known = {cluster: ClusterState(coverage=spans) for cluster, spans in choice.coverage.items()}
    disk.remove_tree(store.staging)
    catalog.save(directory, Catalog(tuple(files), known))


def write_file(choice: Choice, path: Path) -> None:
    """Write what was chosen as one Parquet file."""
    footer = Footer(coverage=choice.coverage).text.replace("'", "''")
    options = f"{segment.OPTIONS}, KV_METADATA {{{KEY}: '{footer}'}}"
    choice.engine.write(_ALL, {}, path, options)
    with closing(duck.connect()) as reading:
        check(choice, segment.entry_of(reading, path, "", None).rows)


def _segment(choice: Choice, part: ClusterDay, directory: Path, reading: duck.Connection) -> StoreFile:
    path = segment_in(observations(directory), part.cluster, part.day, secrets.token_hex(8))
    disk.make_directory(path.parent)
    choice.engine.write(_PART, part.parameters, path, segment.OPTIONS)
    return segment.entry_of(reading, path, part.cluster, part.day)


def check(choice: Choice, rows: int) -> None:
    """Let no export pass for whole that has fewer rows than were chosen, or more."""
    if rows != choice.observations:
        raise StoreError(f"of {choice.observations:,} observations {rows:,} were written: nothing is exported")
