"""Following the journals of a store: what recorders append, file after file, without holding them up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kevents.store import disk
from kevents.store.coverage import Span, State
from kevents.store.journal.checksums import synced, taken
from kevents.store.journal.control_lines import ControlLineTotals
from kevents.store.journal.files import blocks, journal_directories, note_lines, numbered
from kevents.store.paths import cluster_of

_MOST = 4 << 20  # bytes of one turn


@dataclass(frozen=True)
class Appended:
    """What was appended to a cluster's journal: documents, one a line; gaps; damaged lines, which are left out.

    missed: whether files went by unread.
    """

    cluster: str
    lines: bytes = b""
    gaps: list[Span] = field(default_factory=list)
    lost: int = 0
    missed: bool = False


class Follower:
    """Everything that is appended to the journals of a store from now on."""

    def __init__(self, store_directory: Path) -> None:
        self._store = store_directory
        self._readers: dict[Path, _Reader] = {}
        for directory in journal_directories(store_directory):
            self._readers[directory] = _Reader(directory, at_end=True)

    def turn(self) -> Iterator[Appended]:
        """What was appended since the last turn."""
        for directory in journal_directories(self._store):
            reader = self._readers.setdefault(directory, _Reader(directory, at_end=False))
            yield from reader.appended()

    def close(self) -> None:
        """Let go of the files."""
        for reader in self._readers.values():
            reader.close()


class _Reader:
    """One journal. Its file is kept open, so that it is read to its end even where it is sealed and removed."""

    def __init__(self, directory: Path, *, at_end: bool) -> None:
        self._directory = directory
        self._cluster = cluster_of(directory.name)
        self._number = 0
        self._descriptor: int | None = None
        self._offset = 0
        if at_end and (files := numbered(directory)):
            self._open(max(files), files[max(files)])
            if self._descriptor is not None:
                self._offset = synced(self._rest())

    def appended(self) -> Iterator[Appended]:
        """The rest of the present file, and of those after it."""
        while True:
            following = {number: path for number, path in numbered(self._directory).items() if number > self._number}
            yield from self._read(is_full=bool(following))
            if not following:
                return
            number, path = next(iter(following.items()))
            if self._number and number > self._number + 1:
                yield Appended(self._cluster, missed=True)
            self._open(number, path)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self, number: int, path: Path) -> None:
        self.close()
        self._number, self._offset = number, 0
        try:
            self._descriptor = disk.open_to_read(path)
        except FileNotFoundError:  # sealed and removed since it was listed
            self._descriptor = None

    def _rest(self) -> bytes:
        if self._descriptor is None:
            return b""
        pieces = []
        os.lseek(self._descriptor, self._offset, os.SEEK_SET)
        while piece := os.read(self._descriptor, _MOST):
            pieces.append(piece)
        return b"".join(pieces)

    def _read(self, *, is_full: bool) -> Iterator[Appended]:
        """What a checksum speaks for; the rest as well of a file to which nothing is appended any more."""
        rest = self._rest()
        whole = rest if is_full else rest[: synced(rest)]
        self._offset += len(whole)
        found = taken(whole)
        data = found.lines
        if found.lost:
            yield Appended(self._cluster, lost=found.lost)
        if not data:
            return
        gaps = [span for span in ControlLineTotals.of(note_lines(data)).spans if span.state is State.GAP]
        if gaps:
            yield Appended(self._cluster, gaps=gaps)
        for block in blocks(data, _MOST):
            yield Appended(self._cluster, block)
