"""Follows the journals of a store: reads what recorders append, file after file, without blocking them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kevents.store import disk
from kevents.store.coverage import Span, State
from kevents.store.journal.checksums import parse, synced_length
from kevents.store.journal.control_lines import ControlLineTotals
from kevents.store.journal.files import control_lines_in, document_blocks, journal_directories, journal_files
from kevents.store.paths import cluster_of

_BLOCK = 4 << 20  # bytes


@dataclass(frozen=True)
class Appended:
    """What was appended to the journal of a cluster.

    lines: one document per line. gaps: new gaps. lost: the number of damaged lines, which are skipped. fell_behind:
    files were sealed and deleted before they could be read.
    """

    cluster: str
    lines: bytes = b""
    gaps: list[Span] = field(default_factory=list)
    lost: int = 0
    fell_behind: bool = False


class Follower:
    """Reads everything that is appended to the journals of a store from now on."""

    def __init__(self, store_directory: Path) -> None:
        self._store = store_directory
        self._readers: dict[Path, _Reader] = {}
        for directory in journal_directories(store_directory):
            self._readers[directory] = _Reader(directory, at_end=True)

    def poll(self) -> Iterator[Appended]:
        """What was appended since the last poll."""
        for directory in journal_directories(self._store):
            reader = self._readers.setdefault(directory, _Reader(directory, at_end=False))
            yield from reader.appended()

    def close(self) -> None:
        """Close all files."""
        for reader in self._readers.values():
            reader.close()


class _Reader:
    """Reads one journal. The current file stays open: it can be read to the end even after it is sealed and deleted."""

    def __init__(self, directory: Path, *, at_end: bool) -> None:
        self._directory = directory
        self._cluster = cluster_of(directory.name)
        self._number = 0
        self._descriptor: int | None = None
        self._offset = 0
        if at_end and (files := journal_files(directory)):
            self._open(max(files), files[max(files)])
            if self._descriptor is not None:
                self._offset = synced_length(self._rest())

    def appended(self) -> Iterator[Appended]:
        """The rest of the current file, and of those after it."""
        while True:
            later = {number: path for number, path in journal_files(self._directory).items() if number > self._number}
            yield from self._read(is_full=bool(later))
            if not later:
                return
            number, path = next(iter(later.items()))
            if self._number and number > self._number + 1:
                yield Appended(self._cluster, fell_behind=True)
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
        except (FileNotFoundError, disk.NotRegularError):  # sealed and deleted since it was listed, or damage
            self._descriptor = None

    def _rest(self) -> bytes:
        if self._descriptor is None:
            return b""
        pieces = []
        os.lseek(self._descriptor, self._offset, os.SEEK_SET)
        while piece := os.read(self._descriptor, _BLOCK):
            pieces.append(piece)
        return b"".join(pieces)

    def _read(self, *, is_full: bool) -> Iterator[Appended]:
        """The new lines up to the last checksum; in a full file, which no longer grows, also those after it."""
        rest = self._rest()
        data = rest if is_full else rest[: synced_length(rest)]
        self._offset += len(data)
        content = parse(data)
        if content.lost:
            yield Appended(self._cluster, lost=content.lost)
        if not content.lines:
            return
        spans = ControlLineTotals.of(control_lines_in(content.lines)).spans
        if gaps := [span for span in spans if span.state is State.GAP]:
            yield Appended(self._cluster, gaps=gaps)
        for block in document_blocks(content.lines, _BLOCK):
            yield Appended(self._cluster, block)
