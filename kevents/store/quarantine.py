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
    for parent in target.parents[: len(target.relative_to(store).parts) - 1]:
        if disk.kind_of(parent) not in (None, "a directory"):
            raise StoreError(f"{parent} is {disk.kind_of(parent)}, not a directory", hint="Delete it and try again.")
    names = (target if not number else target.with_name(f"{target.name}.{number}") for number in count())
    target = next(name for name in names if not (name.exists() or disk.kind_of(name)))
    try:
        transfer(path, target)
        disk.sync_directory(target.parent)
    except OSError as error:
        raise StoreError(f"cannot move {path} to quarantine: {error.strerror or error}") from error
