"""The lock that all readers of a store share. While it is held, files that a reader may need are not deleted."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kevents.store import disk
from kevents.store.paths import reader_lock_of


class ReaderLock:
    """A held lock; it is released with the last reference to this object."""

    def __init__(self, descriptor: int) -> None:
        weakref.finalize(self, os.close, descriptor)


def acquire(directory: Path) -> ReaderLock | None:
    """Register as a reader of the store; None if the platform or the permissions do not allow the lock.

    Call this before reading the catalog. The files it lists then exist until the lock is released, or for an hour
    after they were replaced.
    """
    try:
        import fcntl

        descriptor = os.open(reader_lock_of(directory), os.O_RDONLY | os.O_CREAT | disk.NO_FOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        except OSError:
            os.close(descriptor)
            raise
    except (ImportError, OSError):  # Windows, a read-only store, or a file system without locks
        return None
    return ReaderLock(descriptor)


@contextmanager
def without_readers(directory: Path) -> Iterator[bool]:
    """Whether the store has no readers. If so, new readers wait until this context ends."""
    try:
        import fcntl

        # NFS requires write access
        descriptor = os.open(reader_lock_of(directory), os.O_RDWR | os.O_CREAT | disk.NO_FOLLOW, 0o600)
    except (ImportError, OSError):
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            has_no_readers = True
        except OSError:
            has_no_readers = False
        yield has_no_readers
    finally:
        os.close(descriptor)
