"""Writing an export as Parquet: as a store, or as a single file."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kevents import duck
from kevents.errors import StoreError
from kevents.export.contents import ClusterDay, ExportContents
from kevents.store import catalog, disk
from kevents.store.catalog import Catalog, ClusterState, StoreFile
from kevents.store.export_footer import KEY, Footer
from kevents.store.paths import observations, segment_in
from kevents.store.segments import segment
from kevents.store.store import Store

ProgressCallback = Callable[[int], None]  # called with the number of observations written so far

_CLUSTER_DAY = f"""
SELECT {segment.COLUMNS} FROM stored.filtered_rows
WHERE cluster = $cluster AND "day" IS NOT DISTINCT FROM $day::DATE
ORDER BY {segment.ORDERS[segment.ORDER]}
"""
_ALL = f"SELECT cluster, {segment.COLUMNS} FROM stored.filtered_rows ORDER BY cluster, {segment.ORDERS[segment.ORDER]}"


def write_store(contents: ExportContents, directory: Path, on_progress: ProgressCallback) -> None:
    """Write the export as a store in the directory, which must be new."""
    store = Store(directory)
    store.create()
    files = []
    with closing(duck.connect()) as connection:
        for part in contents.cluster_days:
            files.append(_write_segment(contents, part, directory, connection))
            on_progress(sum(file.rows for file in files))
    check(contents, sum(file.rows for file in files))
    states = {cluster: ClusterState(coverage=spans) for cluster, spans in contents.coverage.items()}
    disk.remove_tree(store.staging)
    catalog.save(directory, Catalog(tuple(files), states))


def write_file(contents: ExportContents, path: Path) -> None:
    """Write the export as a single Parquet file, with its coverage in the footer."""
    footer = Footer(coverage=contents.coverage).text.replace("'", "''")
    options = f"{segment.OPTIONS}, KV_METADATA {{{KEY}: '{footer}'}}"
    contents.engine.write(_ALL, {}, path, options)
    with closing(duck.connect()) as connection:
        check(contents, segment.entry_of(connection, path, "", None).rows)


def _write_segment(
    contents: ExportContents, part: ClusterDay, directory: Path, connection: duck.Connection
) -> StoreFile:
    path = segment_in(observations(directory), part.cluster, part.day, secrets.token_hex(8))
    disk.make_directory(path.parent)
    contents.engine.write(_CLUSTER_DAY, part.parameters, path, segment.OPTIONS)
    return segment.entry_of(connection, path, part.cluster, part.day)


def check(contents: ExportContents, rows: int) -> None:
    """Raise StoreError unless all observations were written."""
    if rows != contents.observations:
        raise StoreError(f"wrote {rows:,} of {contents.observations:,} observations; the export was discarded")
