"""File locks, and which process holds them. The kernel releases a lock when its process ends, even after a kill."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kevents.errors import StoreError
from kevents.store import disk
from kevents.store.paths import lock_of, rewrite_lock_of

_PATIENCE = 0.3  # seconds before a writer reports that it is waiting


class Lock:
    """A lock file, and next to it a file with the id of the process that holds the lock."""

    def __init__(self, path: Path) -> None:
        from filelock import FileLock

        self._lock = FileLock(path, mode=0o600, thread_local=False)
        self._holder = path.with_name(f"{path.name}.holder")

    def acquire(self, timeout: float | None = _PATIENCE) -> bool:
        """Acquire the lock. False if it is still held after the timeout, in seconds; None waits forever."""
        from filelock import Timeout

        try:
            self._lock.acquire(timeout=-1 if timeout is None else timeout)
        except Timeout:
            return False
        with suppress(OSError):  # on a full disk, the lock works without the holder's id
            disk.replace_unsynced(self._holder, f"{os.getpid()}\n".encode())
        return True

    def release(self) -> None:
        with suppress(OSError):  # a leftover id is harmless
            self._holder.unlink(missing_ok=True)
        self._lock.release()

    @property
    def holder(self) -> str:
        """The id of the process that holds the lock, or ? if it is not known yet."""
        try:
            return disk.read(self._holder).decode("ascii").strip() or "?"
        except (OSError, UnicodeDecodeError):
            return "?"


def is_held(path: Path) -> bool:
    """Whether a running process holds the lock.

    The check acquires the lock for a moment, so a process that needs it must not give up at once.
    """
    from filelock import FileLock, Timeout

    if not path.exists() or disk.kind_of(path):
        return False
    probe = FileLock(path, mode=0o600, thread_local=False)
    try:
        probe.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    probe.release()
    return False


def not_writable(directory: Path, error: OSError) -> StoreError:
    """The error for a store without write permission."""
    return StoreError(
        f"cannot write to the store {directory}: {error.strerror}",
        "It can still be queried. Use --store DIR or KEVENTS_STORE to select another store.",
    )


@contextmanager
def writing(directory: Path, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the store's write lock. on_wait: called once with a message if another process holds it."""
    with _held(lock_of(directory), on_wait, "writing to this store"):
        yield


@contextmanager
def rewriting(directory: Path, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of compaction and pruning. It does not block writers."""
    with _held(rewrite_lock_of(directory), on_wait, "compacting or pruning this store"):
        yield


@contextmanager
def _held(path: Path, on_wait: Callable[[str], None], activity: str) -> Iterator[None]:
    lock = Lock(path)
    try:
        if not lock.acquire():
            on_wait(f"waiting for process {lock.holder}, which is {activity}")
            lock.acquire(None)
    except OSError as error:
        raise not_writable(path.parent, error) from error
    try:
        yield
    finally:
        lock.release()
