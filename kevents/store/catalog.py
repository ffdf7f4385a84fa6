"""The catalog: the list of the Parquet files that make up the store, and the state of each cluster.

It is one JSON file that is replaced atomically: readers see the store before or after a change, never in between.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from kevents.errors import StoreError, UsageError
from kevents.event.severity import SEVERITIES
from kevents.store import disk
from kevents.store.coverage import Checkpoint, Span, merged
from kevents.store.paths import (
    catalog_backup,
    catalog_of,
    is_segment_name,
    is_segment_path,
    observations,
    partition,
    segment_paths,
)

FORMAT = 3  # 1 had no clusters; 2 had no retired files, no row orders and no pruned spans


_KEYS = {"format", "files", "clusters", "retired"}
_HEAD = '{\n"crc32": "%08x",\n'  # of the rest of the file, which can still be valid JSON after a bit flip
_HEAD_BYTES = len(_HEAD % 0)


@dataclass(frozen=True)
class StoreFile:
    """A Parquet file, as listed in the catalog."""

    path: Path
    cluster: str
    day: date | None  # UTC day of last_seen; None if that is missing or out of range
    rows: int
    bytes: int
    min_last_seen: datetime | None
    max_last_seen: datetime | None
    sha256: str
    order: int = 1  # the sort order of the rows: a key of segment.ORDERS
    schema: int = 1  # event.schema.SCHEMA at the time of writing; it determines the columns
    least: str | None = None  # the lowest severity that pruning has left in the file; None if it was not pruned

    @property
    def run(self) -> str:
        """The run that the file belongs to: files written together, each with different objects."""
        return self.path.stem.partition("-")[0]


@dataclass(frozen=True)
class Retired:
    """A file that was replaced at this time. Readers of an older catalog may still open it."""

    path: Path
    at: datetime


@dataclass(frozen=True)
class ClusterState:
    """What the store knows about a cluster, apart from its files.

    sealed: journal files up to this number are in segments, whether or not they still exist. checkpoints: by scope.
    counts: objects from the server that were not observations, by type.
    """

    sealed: int = 0
    checkpoints: Mapping[str, Checkpoint] = field(default_factory=dict)
    coverage: tuple[Span, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def with_sealed(
        self, sealed: int, checkpoints: Mapping[str, Checkpoint], spans: Iterable[Span], counts: Counter[str]
    ) -> ClusterState:
        """The state after journal files up to this number, with this content, were sealed."""
        return ClusterState(
            sealed=sealed,
            checkpoints={**self.checkpoints, **checkpoints},
            coverage=merged((*self.coverage, *spans)),
            counts=Counter(self.counts) + counts,
        )

    def with_coverage(self, spans: Iterable[Span]) -> ClusterState:
        """The state with more coverage, of an import or of what was pruned or lost."""
        return replace(self, coverage=merged((*self.coverage, *spans)))


@dataclass(frozen=True)
class Catalog:
    """The content of a store at one moment."""

    files: tuple[StoreFile, ...] = ()
    clusters: Mapping[str, ClusterState] = field(default_factory=dict)
    retired: tuple[Retired, ...] = ()

    def cluster(self, name: str) -> ClusterState:
        """The state of a cluster; an empty one if the cluster is new."""
        return self.clusters.get(name) or ClusterState()


class CatalogDamagedError(StoreError):
    """The catalog is damaged or missing."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Run `kevents store repair` to rebuild it from the files of the store.")


def read(directory: Path) -> Catalog:
    """The catalog of the store in this directory; an empty one if the store is new."""
    path = catalog_of(directory)
    try:
        return parse(directory, disk.read(path))
    except disk.NotRegularError as error:
        raise CatalogDamagedError(f"{path} is damaged: {error.strerror}") from error
    except FileNotFoundError:
        if segment_paths(directory):
            raise CatalogDamagedError(f"{path} is missing, so it is unknown which files belong to the store") from None
        return Catalog()
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error


def parse(directory: Path, text: bytes) -> Catalog:
    """Parse the content of a catalog file. Raises CatalogDamagedError if it is not valid."""
    try:
        document = json.loads(text)
        checksum = document.pop("crc32", None)
        if checksum is not None and checksum != f"{crc32(memoryview(text)[_HEAD_BYTES:]):08x}":
            raise ValueError("checksum mismatch")  # noqa: TRY301 - handled like any other damage
        if document["format"] > FORMAT:
            raise StoreError(
                f"the store {directory} was written by a newer kevents"
                f" (format {document['format']}; this version supports {FORMAT})",
                hint="Upgrade kevents.",
            )
        if unknown := document.keys() - _KEYS:
            raise ValueError(f"unknown key {min(unknown)!r}")  # noqa: TRY301
        # cached, because many files share few directories
        partition_of = cache(lambda cluster, day: observations(directory) / partition(cluster, day))
        files = tuple(_parse_file(partition_of, entry) for entry in document["files"])
        clusters = {name: _parse_cluster(entry) for name, entry in document.get("clusters", {}).items()}
        retired = tuple(_parse_retired(directory, entry) for entry in document.get("retired", ()))
        _check_unique([*(file.path for file in files), *(file.path for file in retired)])
        return Catalog(files, clusters, retired)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UsageError) as error:
        cause = str(error) if isinstance(error, (ValueError, UsageError)) else repr(error)
        raise CatalogDamagedError(f"{catalog_of(directory)} is damaged: {cause}") from error


def save(directory: Path, catalog: Catalog) -> None:
    """Replace the catalog, durably, and keep the previous one as a backup.

    The backup matters because files can be listed again, but coverage and checkpoints exist only in the catalog.
    """
    document = {
        "format": FORMAT,
        "files": [_file_entry(file) for file in catalog.files],
        "clusters": {name: _cluster_entry(state) for name, state in catalog.clusters.items()},
        "retired": [
            {"path": file.path.relative_to(directory).as_posix(), "at": file.at.isoformat()} for file in catalog.retired
        ],
    }
    text = _text(document)[len("{\n") :].encode()
    disk.replace(catalog_of(directory), (_HEAD % crc32(text)).encode() + text, backup=catalog_backup(directory))


def _text(document: dict[str, Any]) -> str:
    """JSON with one line per list entry. Python's encoder is ten times as slow with an indent."""
    members = []
    for key, value in document.items():
        text = "[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value)
        members.append(f'"{key}": {text}')
    return "{\n" + ",\n".join(members) + "\n}\n"


def _file_entry(file: StoreFile) -> dict[str, Any]:
    entry: dict[str, Any] = dict(vars(file))  # asdict copies deeply, which takes half of the time to save
    entry["path"] = file.path.name
    for key in ("day", "min_last_seen", "max_last_seen"):
        entry[key] = entry[key] and entry[key].isoformat()
    return entry


def _parse_file(partition_of: Callable[[str, date | None], Path], entry: dict[str, Any]) -> StoreFile:
    day = date.fromisoformat(entry["day"]) if entry["day"] else None
    name, least = entry["path"], entry.get("least")
    if not is_segment_name(name):
        raise ValueError(f"{name!r} is not the name of a segment")
    if least is not None and least not in SEVERITIES:
        raise ValueError(f"{least!r} is not a severity")
    return StoreFile(
        path=partition_of(_text_in(entry, "cluster"), day) / name,
        cluster=entry["cluster"],
        day=day,
        rows=_number(entry["rows"]),
        bytes=_number(entry["bytes"]),
        min_last_seen=_moment(entry["min_last_seen"]) if entry["min_last_seen"] else None,
        max_last_seen=_moment(entry["max_last_seen"]) if entry["max_last_seen"] else None,
        sha256=_text_in(entry, "sha256"),
        order=_number(entry.get("order", 1)),
        schema=_number(entry.get("schema", 1)),
        least=least,
    )


def _parse_retired(directory: Path, entry: dict[str, Any]) -> Retired:
    path = entry["path"]
    if not is_segment_path(path):
        raise ValueError(f"{path!r} is not the path of a segment")
    return Retired(directory / path, _moment(entry["at"]))


def _check_unique(paths: Iterable[Path]) -> None:
    seen: set[Path] = set()
    for path in paths:
        if path in seen:
            raise ValueError(f"{path.name} is listed twice")
        seen.add(path)


def _text_in(entry: Mapping[str, Any], key: str) -> str:
    if not isinstance(entry[key], str):
        raise ValueError(f"{key} is {entry[key]!r}, not a text")  # noqa: TRY004 - damage of the catalog
    return str(entry[key])


def _checkpoint(entry: Mapping[str, Any]) -> Checkpoint:
    checkpoint = Checkpoint.of(entry)
    return replace(checkpoint, resource_version=_number(entry["resource_version"]), at=_moment(entry["at"]))


def _number(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a number")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} is a time without a time zone")
    return moment


def _cluster_entry(state: ClusterState) -> dict[str, Any]:
    return {
        "sealed": state.sealed,
        "checkpoints": {scope: checkpoint.entry for scope, checkpoint in state.checkpoints.items()},
        "coverage": [span.entry for span in state.coverage],
        "counts": dict(state.counts),
    }


def _parse_cluster(entry: dict[str, Any]) -> ClusterState:
    return ClusterState(
        sealed=_number(entry["sealed"]),
        checkpoints={scope: _checkpoint(checkpoint) for scope, checkpoint in entry["checkpoints"].items()},
        coverage=tuple(map(Span.of, entry["coverage"])),
        counts={str(kind): _number(count) for kind, count in entry["counts"].items()},
    )
