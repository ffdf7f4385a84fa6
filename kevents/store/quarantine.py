"""Setting aside: what is damaged goes into quarantine, under the path that it had. Nothing is deleted there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from kevents.errors import StoreError
from kevents.store import disk
from kevents.store.paths import quarantine


def move_aside(store: Path, path: Path) -> None:
    """Move a file of the store to where nobody looks."""
    _set_aside(store, path, disk.move)


def copy_aside(store: Path, path: Path) -> None:
    """Keep a copy of a file of which a part is about to be left out."""
    _set_aside(store, path, disk.copy)


def _set_aside(store: Path, path: Path, put: Callable[[Path, Path], None]) -> None:
    place = quarantine(store) / path.relative_to(store)
    names = (place if not number else place.with_name(f"{place.name}.{number}") for number in count())
    place = next(name for name in names if not name.exists())
    try:
        put(path, place)
        disk.sync_directory(place.parent)
    except OSError as error:
        raise StoreError(f"cannot set {path} aside: {error.strerror or error}") from error
