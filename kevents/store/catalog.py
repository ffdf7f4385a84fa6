"""The catalog: which Parquet files make up the store, and what is known of each cluster. What it does not list is not.

It is one JSON file, replaced as a whole by a rename: readers see the store before a change or after it.
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

from kevents.errors import StoreError
from kevents.store import disk
from kevents.store.coverage import Checkpoint, Span, merged
from kevents.store.paths import catalog_before, catalog_of, observations, partition, segment_paths

FORMAT = 3  # 1 had no clusters; 2 had no retired files, no orders and no pruned spans


_KEYS = {"format", "files", "clusters", "retired"}
_HEAD = '{\n"crc32": "%08x",\n'  # of all that follows: a flipped bit may leave good JSON that says something else
_HEAD_BYTES = len(_HEAD % 0)


@dataclass(frozen=True)
class StoreFile:
    """One Parquet file and what is known of it without opening it."""

    path: Path
    cluster: str
    day: date | None  # UTC day of last_seen; None where that is absurd or missing
    rows: int
    bytes: int
    min_last_seen: datetime | None
    max_last_seen: datetime | None
    sha256: str
    order: int = 1  # which of segment.ORDERS its rows are in
    schema: int = 1  # event.schema.SCHEMA when it was written: which columns it has
    least: str | None = None  # the lowest severity that it was left with when the rest was pruned

    @property
    def run(self) -> str:
        """What it shares with the files that were written with it, of which each holds other objects."""
        return self.path.stem.partition("-")[0]


@dataclass(frozen=True)
class Retired:
    """A file that was replaced at that time: readers of the catalog before may still open it."""

    path: Path
    at: datetime


@dataclass(frozen=True)
class ClusterState:
    """What the store knows of a cluster beside its files.

    sealed: journal files up to this number are in the store, whether they still exist or not. checkpoints: by scope.
    counts: what came from the server and was no observation.
    """

    sealed: int = 0
    checkpoints: Mapping[str, Checkpoint] = field(default_factory=dict)
    coverage: tuple[Span, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def sealing(
        self, sealed: int, checkpoints: Mapping[str, Checkpoint], spans: Iterable[Span], counts: Counter[str]
    ) -> ClusterState:
        """The same, with what journal files up to that number record."""
        return ClusterState(
            sealed=sealed,
            checkpoints={**self.checkpoints, **checkpoints},
            coverage=merged((*self.coverage, *spans)),
            counts=Counter(self.counts) + counts,
        )

    def covering(self, spans: Iterable[Span]) -> ClusterState:
        """The same, with what an import covers or what was pruned."""
        return replace(self, coverage=merged((*self.coverage, *spans)))


@dataclass(frozen=True)
class Catalog:
    """The store at one moment."""

    files: tuple[StoreFile, ...] = ()
    clusters: Mapping[str, ClusterState] = field(default_factory=dict)
    retired: tuple[Retired, ...] = ()

    def of(self, cluster: str) -> ClusterState:
        """What is known of a cluster."""
        return self.clusters.get(cluster) or ClusterState()


class CatalogDamagedError(StoreError):
    """What makes the store cannot be read, or is not there."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, hint="`kevents store repair` makes it anew from the files that it listed")


def read(directory: Path) -> Catalog:
    """The catalog of the store in directory; an empty one if it has none yet."""
    path = catalog_of(directory)
    try:
        return parsed(directory, disk.read(path))
    except FileNotFoundError:
        if segment_paths(directory):
            raise CatalogDamagedError(f"{path} is missing, and nothing else says which files count") from None
        return Catalog()
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error


def parsed(directory: Path, text: bytes) -> Catalog:
    """The catalog that the text is."""
    try:
        written = json.loads(text)
        claimed = written.pop("crc32", None)
        if claimed is not None and claimed != f"{crc32(memoryview(text)[_HEAD_BYTES:]):08x}":
            raise ValueError("its checksum differs")  # noqa: TRY301 - the same as any other damage
        if written["format"] > FORMAT:
            raise StoreError(
                f"the store {directory} was written by a newer kevents"
                f" (format {written['format']}, this one knows {FORMAT})",
                hint="upgrade kevents",
            )
        if unknown := written.keys() - _KEYS:
            raise ValueError(f"it tells of {min(unknown)!r}")  # noqa: TRY301
        place = cache(lambda cluster, day: observations(directory) / partition(cluster, day))  # of which few differ
        files = tuple(_read_file(place, entry) for entry in written["files"])
        clusters = {name: _read_known(entry) for name, entry in written.get("clusters", {}).items()}
        retired = tuple(_read_retired(directory, entry) for entry in written.get("retired", ()))
        return Catalog(files, clusters, retired)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        told = str(error) if isinstance(error, ValueError) else repr(error)
        raise CatalogDamagedError(f"{catalog_of(directory)} is damaged: {told}") from error


def save(directory: Path, catalog: Catalog) -> None:
    """Replace the catalog: when this returns, it is the store, also after a power cut. The one before is kept."""
    written = {
        "format": FORMAT,
        "files": [_written_file(file) for file in catalog.files],
        "clusters": {name: _written_known(known) for name, known in catalog.clusters.items()},
        "retired": [
            {"path": one.path.relative_to(directory).as_posix(), "at": one.at.isoformat()} for one in catalog.retired
        ],
    }
    text = _text(written)[len("{\n") :].encode()
    # Files can be listed again by looking at them; what was covered, and where recorders stopped, stands nowhere else.
    disk.replace(catalog_of(directory), (_HEAD % crc32(text)).encode() + text, before=catalog_before(directory))


def _text(written: dict[str, Any]) -> str:
    """JSON with a line for each entry; with an indent, Python's encoder would take ten times as long."""
    entries = {key: ",\n".join(map(json.dumps, found)) for key, found in written.items() if isinstance(found, list)}
    told = (f'"{key}": ' + (f"[\n{entries[key]}\n]" if key in entries else json.dumps(written[key])) for key in written)
    return "{\n" + ",\n".join(told) + "\n}\n"


def _written_file(file: StoreFile) -> dict[str, Any]:
    entry: dict[str, Any] = dict(vars(file))  # asdict copies deeply, and takes half of a writer's time for it
    entry["path"] = file.path.name
    for key in ("day", "min_last_seen", "max_last_seen"):
        entry[key] = entry[key] and entry[key].isoformat()
    return entry


def _read_file(place: Callable[[str, date | None], Path], entry: dict[str, Any]) -> StoreFile:
    day = date.fromisoformat(entry["day"]) if entry["day"] else None
    return StoreFile(
        path=place(entry["cluster"], day) / entry["path"],
        cluster=entry["cluster"],
        day=day,
        rows=entry["rows"],
        bytes=entry["bytes"],
        min_last_seen=datetime.fromisoformat(entry["min_last_seen"]) if entry["min_last_seen"] else None,
        max_last_seen=datetime.fromisoformat(entry["max_last_seen"]) if entry["max_last_seen"] else None,
        sha256=entry["sha256"],
        order=entry.get("order", 1),
        schema=entry.get("schema", 1),
        least=entry.get("least"),
    )


def _read_retired(directory: Path, entry: dict[str, Any]) -> Retired:
    return Retired(directory / entry["path"], datetime.fromisoformat(entry["at"]))


def _written_known(known: ClusterState) -> dict[str, Any]:
    return {
        "sealed": known.sealed,
        "checkpoints": {
            scope: {"resource_version": one.resource_version, "at": one.at.isoformat()}
            for scope, one in known.checkpoints.items()
        },
        "coverage": [span.entry for span in known.coverage],
        "counts": dict(known.counts),
    }


def _read_known(entry: dict[str, Any]) -> ClusterState:
    return ClusterState(
        sealed=entry["sealed"],
        checkpoints={
            scope: Checkpoint(one["resource_version"], datetime.fromisoformat(one["at"]))
            for scope, one in entry["checkpoints"].items()
        },
        coverage=tuple(map(Span.of, entry["coverage"])),
        counts=entry["counts"],
    )
