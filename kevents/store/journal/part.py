"""Documents that no segment holds yet: a journal file, or what a cluster listed."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Protocol

from kevents.store import disk
from kevents.store.journal.checksums import taken
from kevents.store.journal.control_lines import Before
from kevents.store.paths import cluster_of

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


class ListPart:
    """What a cluster listed a moment ago, read as a journal file is: it is shown, and not kept."""

    def __init__(self, cluster: str, lines: bytes) -> None:
        self.cluster = cluster
        self.path = Path(cluster)
        self.number = 0
        self.damage = None
        self._lines = lines

    @property
    def size(self) -> int:
        return len(self._lines)

    def read(self) -> bytes:
        return self._lines
