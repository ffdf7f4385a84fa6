"""The directory for data of a query that exceeds the memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from kevents.config import cache_directory

_MOST = 10_000_000_000
_PREFIX = "kevents-"


class SpillDirectory:
    """A private directory; it is deleted with the last reference, or by the next query if the process was killed.

    staging: the directory to create it in; None for the user's cache directory. most: bytes that fit in: half
    of the free space, and at most 10 GB there.
    """

    def __init__(self, staging: Path | None) -> None:
        self.path, descriptor = (tempfile.mkdtemp(prefix=_PREFIX, dir=staging), None) if staging else _in_cache()
        free = shutil.disk_usage(self.path).free // 2
        self.most = free if staging else min(free, _MOST)
        self._finalizer = weakref.finalize(self, _delete, self.path, descriptor)

    def delete(self) -> None:
        """Delete the directory now."""
        self._finalizer()


def _in_cache() -> tuple[str, int | None]:
    """A new directory in the cache directory, with its lock. Leftovers of killed processes are deleted."""
    parent = cache_directory() / "spill"
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _lock(str(parent), wait=True)  # another process must not sweep a directory before it is locked
        try:
            if descriptor is not None:
                _sweep(parent)
            path = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
            return path, _lock(path)
        finally:
            if descriptor is not None:
                os.close(descriptor)
    except OSError:  # no home directory, or a read-only one
        return tempfile.mkdtemp(prefix=_PREFIX), None


def _sweep(parent: Path) -> None:
    """Delete the directories that no process has locked."""
    for path in parent.glob(f"{_PREFIX}*"):
        descriptor = _lock(str(path))
        if descriptor is not None:
            _delete(str(path), descriptor)


def _lock(directory: str, *, wait: bool = False) -> int | None:
    """A descriptor that locks the directory until it is closed; None if it cannot be locked."""
    try:
        import fcntl

        descriptor = os.open(directory, os.O_RDONLY)
    except (ImportError, OSError):  # Windows, or not a directory of ours
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _delete(path: str, descriptor: int | None) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if descriptor is not None:
        with suppress(OSError):
            os.close(descriptor)
