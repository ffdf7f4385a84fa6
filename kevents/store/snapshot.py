"""What readers see of a store: its segments and, of its journals, what is no segment yet. Each row once."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kevents.errors import StoreError
from kevents.store import catalog, disk, readers
from kevents.store.catalog import Catalog, StoreFile
from kevents.store.coverage import Span
from kevents.store.frames import taken
from kevents.store.journal_files import journal_folders, note_lines, numbered
from kevents.store.locate import cluster_of, journal_file
from kevents.store.notes import Before, Told

if TYPE_CHECKING:
    from kevents.store.fresh import Fresh

_ONCE = 1 << 30  # bytes that one call may read
_BEGINNING = 200  # bytes that hold what a file tells of the one before it


class Part(Protocol):
    """Documents of a cluster that no segment holds yet, a line each. path: what to call it."""

    @property
    def path(self) -> Path: ...
    @property
    def cluster(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def damage(self) -> str | None: ...
    def read(self) -> bytes: ...


class JournalPart:
    """A journal file, open: it can be read even when it is sealed and removed meanwhile."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self.cluster = cluster_of(path.parent.name)
        self.number = number
        self.lacks: str | None = None  # what is wrong with the file before it
        self._lost: str | None = None  # as far as it was read
        self._descriptor = disk.open_to_read(path)
        weakref.finalize(self, os.close, self._descriptor)

    @property
    def name(self) -> str:
        """What to call it: `journal/cluster=prod/00000001.ndjson`."""
        return "/".join(self.path.parts[-3:])

    @property
    def damage(self) -> str | None:
        """What is lost of it, as far as it was read, and of the file before it."""
        return "; ".join(filter(None, (self.lacks, self._lost))) or None

    @property
    def before(self) -> Before | None:
        """What it tells of the file before it."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return Before.of(os.read(self._descriptor, _BEGINNING))

    @property
    def size(self) -> int:
        """Bytes that it has now."""
        return os.fstat(self._descriptor).st_size

    def raw(self) -> bytes:
        """All that it has now."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        pieces = []
        while piece := os.read(self._descriptor, _ONCE):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read(self) -> bytes:
        """All whole lines that it has now, without those that are damaged."""
        found = taken(self.raw())
        if found.damage:
            self._lost = f"{found.lost:,} lines of {self.name} are not what was written, and are left out"
        return found.lines


class Snapshot:
    """A store at one moment."""

    def __init__(self, folder: Path, known: Catalog | None = None) -> None:
        """known: what to take for the catalog, where that is damaged."""
        self._reading = readers.hold(folder)  # before the catalog is read: no file that it lists goes from then on
        # The journal first: what is sealed between the two is in the catalog as well, and is left out of the journal.
        opened = _open_parts(folder)
        self._catalog = known or catalog.read(folder)
        unsealed = [part for part in opened if part.number > self._catalog.of(part.cluster).sealed]
        _link(unsealed, self._catalog)
        self._parts: list[Part] = [*unsealed]
        self._fresh: list[Fresh | None] = []

    @property
    def files(self) -> Sequence[StoreFile]:
        """The segments."""
        return self._catalog.files

    @property
    def journal_files(self) -> Sequence[JournalPart]:
        """The files of the journal alone."""
        return [part for part in self._parts if isinstance(part, JournalPart)]

    @property
    def journal(self) -> Sequence[Part]:
        """The journal files that are no segments yet."""
        return self._parts

    def fresh(self, now: datetime) -> Fresh | None:
        """What no segment holds yet; None if that is nothing. now: what is told of a day later is absurd."""
        if not self._parts:
            return None
        if not self._fresh:
            from kevents.store.fresh import fresh

            self._fresh.append(fresh(self._parts, self.files, now))
        return self._fresh[0]

    @cached_property
    def coverage(self) -> Mapping[str, tuple[Span, ...]]:
        """What is covered, by cluster."""
        told: dict[str, Told] = {}
        for part in self._parts:
            told.setdefault(part.cluster, Told()).add(note_lines(part.read()))
        known = self._catalog.clusters
        return {
            cluster: self._catalog.of(cluster).sealing(told.get(cluster, Told()), 0).coverage
            for cluster in sorted(known.keys() | told)
        }


def _link(parts: Iterable[JournalPart], known: Catalog) -> None:
    """Let files whose predecessor is gone or too short say so, unless that is sealed."""
    sizes = {(part.cluster, part.number): part.size for part in parts}
    for part in parts:
        before = part.before
        if not before or before.number <= known.of(part.cluster).sealed:
            continue
        name = "/".join(journal_file(part.path.parent, before.number).parts[-3:])
        size = sizes.get((part.cluster, before.number))
        if size is None:
            part.lacks = f"{name} is missing"
        elif size < before.size:
            part.lacks = f"{name} has {size:,} of {before.size:,} bytes"


def _open_parts(folder: Path) -> list[JournalPart]:
    parts = []
    for journal in journal_folders(folder):
        for number, path in numbered(journal).items():
            try:
                parts.append(JournalPart(path, number))
            except FileNotFoundError:  # sealed and removed just now
                continue
            except OSError as error:
                raise StoreError(f"cannot read {path}: {error.strerror}") from error
    return parts
