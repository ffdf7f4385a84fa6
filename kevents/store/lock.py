"""Locks of the kernel's, which it gives back whatever becomes of a process; and who holds them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kevents.errors import StoreError
from kevents.store.paths import lock_of, upkeep_lock_of

_PATIENCE = 0.3  # seconds before a waiting writer says so


class Lock:
    """A lock file, and beside it a file that names the process that holds it."""

    def __init__(self, path: Path) -> None:
        from filelock import FileLock

        self._lock = FileLock(path, mode=0o600, thread_local=False)
        self._holder = path.with_name(f"{path.name}.holder")

    def acquire(self, patience: float | None = _PATIENCE) -> bool:
        """Take the lock; False if another process held it for all of that many seconds (None waits for ever)."""
        from filelock import Timeout

        try:
            self._lock.acquire(timeout=-1 if patience is None else patience)
        except Timeout:
            return False
        with suppress(OSError):  # a full disk: the lock holds all the same
            self._holder.write_text(f"{os.getpid()}\n", encoding="ascii")
        return True

    def release(self) -> None:
        with suppress(OSError):  # whoever waits needs the lock, not the name
            self._holder.unlink(missing_ok=True)
        self._lock.release()

    @property
    def holder(self) -> str:
        """The process that holds the lock, or ? if it has not said so yet."""
        try:
            return self._holder.read_text(encoding="ascii").strip() or "?"
        except (OSError, UnicodeDecodeError):
            return "?"


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock. Finding out takes it for a moment: who wants it must have patience."""
    from filelock import FileLock, Timeout

    if not path.exists():
        return False
    probe = FileLock(path, mode=0o600, thread_local=False)
    try:
        probe.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    probe.release()
    return False


def unwritable(directory: Path, error: OSError) -> StoreError:
    """What to raise where a store can only be read."""
    return StoreError(
        f"cannot write to the store {directory}: {error.strerror}",
        "What it holds can be asked; --store DIR or KEVENTS_STORE names another one.",
    )


@contextmanager
def writing(directory: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the store's lock. waiting: told once, with a sentence, when another process holds it."""
    with _held(lock_of(directory), waiting, "writing to this store"):
        yield


@contextmanager
def rewriting(directory: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold what those who replace files hold all along; it keeps no writer waiting."""
    with _held(upkeep_lock_of(directory), waiting, "compacting or pruning this store"):
        yield


@contextmanager
def _held(path: Path, waiting: Callable[[str], None], doing: str) -> Iterator[None]:
    lock = Lock(path)
    try:
        if not lock.acquire():
            waiting(f"waiting for process {lock.holder}, which is {doing}")
            lock.acquire(None)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    try:
        yield
    finally:
        lock.release()
