"""Quarantine: a directory for damaged files, which keep their paths in the store and are never deleted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from kevents.errors import StoreError
from kevents.store import disk
from kevents.store.paths import quarantine


def move_to_quarantine(store: Path, path: Path) -> None:
    """Move a file of the store into quarantine."""
    _put(store, path, disk.move)


def copy_to_quarantine(store: Path, path: Path) -> None:
    """Keep a copy of a file whose damaged part is about to be dropped."""
    _put(store, path, disk.copy)


def _put(store: Path, path: Path, transfer: Callable[[Path, Path], None]) -> None:
    target = quarantine(store) / path.relative_to(store)
    names = (target if not number else target.with_name(f"{target.name}.{number}") for number in count())
    target = next(name for name in names if not name.exists())
    try:
        transfer(path, target)
        disk.sync_directory(target.parent)
    except OSError as error:
        raise StoreError(f"cannot move {path} to quarantine: {error.strerror or error}") from error
