"""Rebuilds a lost catalog from the segments on disk and the backup of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import unquote

from kevents import duck
from kevents.errors import StoreError
from kevents.event.observe import IDENTITY
from kevents.store import catalog, disk
from kevents.store.catalog import Catalog, StoreFile
from kevents.store.paths import NO_DAY, catalog_backup, cluster_of, is_segment, segment_paths
from kevents.store.segments import file_checks
from kevents.store.segments.segment import ORDER, ORDERS

_ROW = ", ".join(f'"{name}"' for name in IDENTITY if name != "cluster")  # which is not in the file

OnProgress = Callable[[int, int], None]  # files done, and the total


@dataclass
class RebuildResult:
    """A rebuilt catalog.

    has_backup: whether the backup was readable. unverified: files in the catalog whose checksum was computed from their
    current content. unreadable: invalid files, each with the reason. duplicates: files whose observations are
    also in other files, each with a description.
    """

    catalog: Catalog
    has_backup: bool
    unverified: list[StoreFile] = field(default_factory=list)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    duplicates: list[tuple[Path, str]] = field(default_factory=list)


def rebuild(directory: Path, on_progress: OnProgress = lambda *_: None) -> RebuildResult:
    """Read every segment in the store directory and the backup of the catalog. Nothing is written."""
    backup = _backup(directory)
    known = {file.path: file for file in backup.files} if backup else {}
    result = RebuildResult(
        Catalog(clusters=backup.clusters, retired=backup.retired) if backup else Catalog(), backup is not None
    )
    retired = {file.path for file in result.catalog.retired}
    paths = [path for path in segment_paths(directory) if is_segment(path) and path not in retired]
    connection = duck.connect(memory="1GB")
    try:
        entries: list[StoreFile] = []
        for number, path in enumerate(paths):
            on_progress(number, len(paths))
            if kind := disk.kind_of(path):
                result.unreadable.append((path, f"is {kind}, not a regular file"))
                continue
            if path in known:  # verification compares it with its checksum
                entries.append(known[path])
                continue
            try:
                entries.append(_entry(connection, path))
            except (duck.Error, OSError, ValueError) as error:
                result.unreadable.append((path, f"cannot be read as Parquet: {str(error).splitlines()[0]}"))
        files = _without_duplicates(connection, result, entries, known.keys())
    finally:
        connection.close()
    result.unverified = [file for file in files if file.path not in known]
    # a missing file of a day that has a new file was merged into that; other missing files are lost
    rewritten = {(file.cluster, file.day) for file in result.unverified}
    gone = known.keys() - set(paths)
    missing = [file for file in known.values() if file.path in gone and (file.cluster, file.day) not in rewritten]
    result.catalog = Catalog((*files, *missing), result.catalog.clusters, result.catalog.retired)
    return result


def _backup(directory: Path) -> Catalog | None:
    try:
        return catalog.parse(directory, disk.read(catalog_backup(directory)))
    except (StoreError, OSError):
        return None


def _entry(connection: duck.Connection, path: Path) -> StoreFile:
    day = path.parent.name.removeprefix("day=")
    file = StoreFile(
        path=path,
        cluster=cluster_of(path.parent.parent.name),
        day=None if unquote(day) == NO_DAY else date.fromisoformat(day),
        rows=0,
        bytes=disk.size(path),
        min_last_seen=None,
        max_last_seen=None,
        sha256="",
        schema=file_checks.schema_of(connection, path),
    )
    if problem := file_checks.mismatch(connection, file):
        raise ValueError(problem)
    file = file_checks.remeasured(connection, file)
    return file_checks.with_detected_order(connection, file, (ORDER, *ORDERS), disk.sha256(path))


def _without_duplicates(
    connection: duck.Connection, result: RebuildResult, entries: list[StoreFile], known: Iterable[Path]
) -> list[StoreFile]:
    """The files without those that repeat observations of larger ones.

    A killed compaction leaves both the old files and the new one, and only the catalog knew which of them count.
    """
    known = set(known)
    files: list[StoreFile] = []
    for file in sorted(entries, key=lambda entry: entry.rows, reverse=True):
        same_day = [other for other in files if (other.cluster, other.day) == (file.cluster, file.day)]
        is_unique = file.path in known and all(other.path in known for other in same_day)
        shared = 0 if is_unique else _count_shared_rows(connection, file, same_day)
        if shared:
            rest = f", and {file.rows - shared:,} others" if shared < file.rows else ""
            result.duplicates.append((file.path, f"has {shared:,} observations that larger files also have{rest}"))
        else:
            files.append(file)
    return sorted(files, key=lambda file: file.path)


def _count_shared_rows(connection: duck.Connection, file: StoreFile, others: list[StoreFile]) -> int:
    try:
        return file_checks.count_shared_rows(connection, file.path, [other.path for other in others], _ROW)
    except (duck.Error, UnicodeDecodeError):  # a damaged file, which verification reports
        return 0
