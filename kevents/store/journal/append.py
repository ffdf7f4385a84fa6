"""Bytes that stay on disk: files that grow durably or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from kevents.store import disk


class AppendedFile:
    """A new file that grows durably: `durable` bytes of it are safe, and after a failure it has no more than those."""

    def __init__(self, path: Path) -> None:
        self.durable = 0
        self.is_broken = False  # what a later fsync says of this file would mean nothing
        self._descriptor = disk.open_new(path)
        try:
            disk.sync_directory(path.parent)
        except OSError:
            os.close(self._descriptor)
            disk.remove(path)
            raise

    def append(self, data: bytes) -> None:
        """Write the data and sync: one or the other may raise OSError."""
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            self._take_back()
            raise
        try:
            os.fsync(self._descriptor)
        except OSError:
            # the kernel may have dropped the pages and forget about it: a second fsync would succeed for nothing
            self.is_broken = True
            self._take_back()
            raise
        self.durable += len(data)

    def close(self) -> None:
        os.close(self._descriptor)

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._descriptor, self.durable)
        except OSError:
            self.is_broken = True


def as_line(document: bytes) -> bytes:
    """The document in one line: white space between tokens may be of any kind, and no JSON holds a zero byte."""
    line = document.strip().replace(b"\n", b" ").replace(b"\0", b"\\u0000")
    if not line.startswith(b"{"):
        raise ValueError("a document of the journal is a JSON object")
    return line + b"\n"
