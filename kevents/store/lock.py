"""One writer at a time: the store's lock, and who holds it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 0.3  # seconds before a waiting writer says so


@contextmanager
def writing(folder: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the store's lock; the kernel gives it back whatever becomes of this process.

    waiting: told once, with a sentence, when another process holds the lock.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "lock", mode=0o600)
    holder = folder / "lock.holder"
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout:
        waiting(f"waiting for process {_pid(holder)}, which is writing to this store")
        lock.acquire()
    try:
        holder.write_text(f"{os.getpid()}\n", encoding="ascii")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _pid(holder: Path) -> str:
    try:
        return holder.read_text(encoding="ascii").strip() or "?"
    except (OSError, UnicodeDecodeError):
        return "?"
