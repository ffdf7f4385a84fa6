"""Who may be about to open the store's files: a lock of the kernel's that readers share and that ends with them."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kevents.store.paths import readers_of


class Hold:
    """A reader, for as long as somebody keeps this."""

    def __init__(self, descriptor: int) -> None:
        weakref.finalize(self, os.close, descriptor)


def hold(directory: Path) -> Hold | None:
    """Be a reader of the store in the directory; None where the system or the directory's rights have no such lock.

    To be called before the catalog is read: what it lists stays until this ends, or for an hour after it is replaced.
    """
    try:
        import fcntl

        descriptor = os.open(readers_of(directory), os.O_RDONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        except OSError:
            os.close(descriptor)
            raise
    except (ImportError, OSError):  # Windows; a store that this user may only read; a file system without locks
        return None
    return Hold(descriptor)


@contextmanager
def nobody(directory: Path) -> Iterator[bool]:
    """Whether there is no reader now; if so, none begins before this ends."""
    try:
        import fcntl

        descriptor = os.open(readers_of(directory), os.O_RDWR | os.O_CREAT, 0o600)  # NFS wants it open for writing
    except (ImportError, OSError):
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_quiet = True
        except OSError:
            is_quiet = False
        yield is_quiet
    finally:
        os.close(descriptor)
