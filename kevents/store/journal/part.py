"""Documents that are not in a segment yet: those of a journal file, or those that a cluster just listed."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Protocol

from kevents.store import disk
from kevents.store.journal.checksums import parse
from kevents.store.journal.control_lines import PreviousFile
from kevents.store.paths import cluster_of

_READ_SIZE = 1 << 30  # bytes
_HEAD = 200  # bytes that are enough for the first line


class Part(Protocol):
    """Documents of a cluster that are not in a segment yet, one per line. path: identifies the part."""

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
    """An open journal file. It can be read even after it is sealed and deleted."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self.cluster = cluster_of(path.parent.name)
        self.number = number
        self.previous_file_damage: str | None = None
        self._own_damage: str | None = None  # of what was read so far
        self.kind: str | None = None  # what it is instead of a regular file: then it is not read
        try:
            self._descriptor = disk.open_to_read(path)
        except disk.NotRegularError as error:
            self.kind = error.kind
            self._own_damage = f"{self.name} is {error.kind}, not a regular file, and was skipped"
            self._descriptor = disk.open_nothing()
        weakref.finalize(self, os.close, self._descriptor)

    @property
    def name(self) -> str:
        """The path in the store: `journal/cluster=prod/00000001.ndjson`."""
        return "/".join(self.path.parts[-3:])

    @property
    def damage(self) -> str | None:
        """The damage of what was read so far, and of the previous file; None if there is none."""
        return "; ".join(filter(None, (self.previous_file_damage, self._own_damage))) or None

    @property
    def previous(self) -> PreviousFile | None:
        """The previous file, as named in the first line."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return PreviousFile.parse(os.read(self._descriptor, _HEAD))

    @property
    def size(self) -> int:
        """The current size in bytes."""
        return os.fstat(self._descriptor).st_size

    def raw(self) -> bytes:
        """The current content."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        pieces = []
        while piece := os.read(self._descriptor, _READ_SIZE):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read(self) -> bytes:
        """The complete lines so far, without damaged ones."""
        content = parse(self.raw())
        if content.damaged:
            self._own_damage = f"{content.lost:,} lines of {self.name} are damaged and were skipped"
        return content.lines


class ListPart:
    """The events that a cluster just listed, in the form of a journal file. They are shown but not stored."""

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
