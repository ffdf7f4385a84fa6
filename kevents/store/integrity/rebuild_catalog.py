"""A catalog made anew, from the files that it would list and from what is left of the one before."""

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
from kevents.store.paths import NO_DAY, catalog_before, cluster_of, is_segment, segment_paths
from kevents.store.segments import file_checks
from kevents.store.segments.segment import ORDER, ORDERS

_ROW = ", ".join(f'"{name}"' for name in IDENTITY if name != "cluster")  # which is its directory's name

Watch = Callable[[int, int], None]  # files done, and in all


@dataclass
class Rebuilt:
    """What can be said of a store without its catalog.

    unproven: files that no catalog has a checksum of, taken as they are. broken: files that are none of Parquet, each
    with the reason; superseded: files whose observations others hold.
    """

    catalog: Catalog
    has_copy: bool
    unproven: list[StoreFile] = field(default_factory=list)
    broken: list[tuple[Path, str]] = field(default_factory=list)
    superseded: list[tuple[Path, str]] = field(default_factory=list)


def rebuild(directory: Path, watch: Watch = lambda *_: None) -> Rebuilt:
    """Look at every segment in the directory, and at the copy of the catalog. Nothing is written."""
    before = _before(directory)
    rebuilt = Rebuilt(
        Catalog(clusters=before.clusters, retired=before.retired) if before else Catalog(), before is not None
    )
    known = {file.path: file for file in before.files} if before else {}
    retired = {one.path for one in rebuilt.catalog.retired}
    paths = [path for path in segment_paths(directory) if is_segment(path) and path not in retired]
    connection = duck.connect(memory="1GB")
    try:
        found: list[StoreFile] = []
        for number, path in enumerate(paths):
            watch(number, len(paths))
            if path in known:  # verification holds it against its checksum
                found.append(known[path])
                continue
            try:
                found.append(_entry(connection, path))
            except (duck.Error, OSError, ValueError) as error:
                rebuilt.broken.append((path, f"cannot be read as Parquet: {str(error).splitlines()[0]}"))
        files = _each_row_once(connection, rebuilt, found, known.keys())
    finally:
        connection.close()
    rebuilt.unproven = [file for file in files if file.path not in known]
    # files of a day that has a new one were merged into that; others should be there
    renewed = {(file.cluster, file.day) for file in rebuilt.unproven}
    gone = known.keys() - set(paths)
    missing = [file for file in known.values() if file.path in gone and (file.cluster, file.day) not in renewed]
    rebuilt.catalog = Catalog((*files, *missing), rebuilt.catalog.clusters, rebuilt.catalog.retired)
    return rebuilt


def _before(directory: Path) -> Catalog | None:
    try:
        return catalog.parsed(directory, disk.read(catalog_before(directory)))
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
    if why := file_checks.misfit(connection, file):
        raise ValueError(why)
    file = file_checks.measured(connection, file)
    return file_checks.in_order(connection, file, (ORDER, *ORDERS), disk.sha256(path))


def _each_row_once(
    connection: duck.Connection, rebuilt: Rebuilt, found: list[StoreFile], known: Iterable[Path]
) -> list[StoreFile]:
    """The files without those that hold what larger ones do.

    A compaction that was killed leaves old files beside the new one, and only a catalog says which of them count.
    """
    known = set(known)
    taken: list[StoreFile] = []
    for file in sorted(found, key=lambda file: file.rows, reverse=True):
        same_day = [one for one in taken if (one.cluster, one.day) == (file.cluster, file.day)]
        is_certain = file.path in known and all(one.path in known for one in same_day)
        twice = 0 if is_certain else _twice(connection, file, same_day)
        if twice:
            rest = f", and {file.rows - twice:,} more" if twice < file.rows else ""
            rebuilt.superseded.append((file.path, f"holds {twice:,} observations that larger files hold{rest}"))
        else:
            taken.append(file)
    return sorted(taken, key=lambda file: file.path)


def _twice(connection: duck.Connection, file: StoreFile, others: list[StoreFile]) -> int:
    try:
        return file_checks.in_common(connection, file.path, [one.path for one in others], _ROW)
    except (duck.Error, UnicodeDecodeError):  # one of them is damaged, which verification finds
        return 0
