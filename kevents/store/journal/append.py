"""Durable appends to a file."""

from __future__ import annotations

import os
from pathlib import Path

from kevents.store import disk


class AppendOnlyFile:
    """A new file for durable appends. durable: the synced size; after a failed append, the file is cut back to it."""

    def __init__(self, path: Path) -> None:
        self.durable = 0
        self.is_unusable = False  # after some failures, a later fsync proves nothing about this file
        self._descriptor = disk.open_to_append(path)
        try:
            disk.sync_directory(path.parent)
        except OSError:
            os.close(self._descriptor)
            disk.remove(path)
            raise

    def append(self, data: bytes) -> None:
        """Write and sync the data. Raises OSError if either fails."""
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            self._undo()
            raise
        try:
            os.fsync(self._descriptor)
        except OSError:
            # the kernel may have dropped the dirty pages: the next fsync would succeed although they are lost
            self.is_unusable = True
            self._undo()
            raise
        self.durable += len(data)

    def close(self) -> None:
        os.close(self._descriptor)

    def _undo(self) -> None:
        try:
            os.ftruncate(self._descriptor, self.durable)
        except OSError:
            self.is_unusable = True


def as_line(document: bytes) -> bytes:
    """A JSON document as one line. White space between tokens is arbitrary, and JSON never contains a zero byte."""
    line = document.strip().replace(b"\n", b" ").replace(b"\0", b"\\u0000")
    if not line.startswith(b"{"):
        raise ValueError("a document of the journal must be a JSON object")
    return line + b"\n"
