"""The catalog: which Parquet files make up the store. A file it does not list is not there.

It is one JSON file, replaced as a whole by a rename: readers see the store before a change or after it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kevents.errors import StoreError
from kevents.store.locate import partition

FORMAT = 1


@dataclass(frozen=True)
class StoreFile:
    """One Parquet file and what is known of it without opening it."""

    path: Path
    cluster: str
    day: date | None  # UTC day of last_seen; None where that is absurd or missing
    rows: int
    bytes: int
    min_last_seen: datetime | None
    max_last_seen: datetime | None
    sha256: str


def load(folder: Path) -> list[StoreFile]:
    """The files of the store in folder; none if it has no catalog yet."""
    path = folder / "catalog.json"
    try:
        catalog = json.loads(path.read_bytes())
        if catalog["format"] > FORMAT:
            raise StoreError(
                f"the store {folder} was written by a newer kevents"
                f" (format {catalog['format']}, this one knows {FORMAT})",
                hint="upgrade kevents",
            )
        return [_read(folder, entry) for entry in catalog["files"]]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path} is damaged: {error!r}", hint="restore it from a backup") from error


def save(folder: Path, files: Iterable[StoreFile]) -> None:
    """Replace the catalog: when this returns, the files are the store, also after a power cut."""
    catalog = {"format": FORMAT, "files": [_written(file) for file in files]}
    fresh = folder / "catalog.json.new"
    with fresh.open("w", encoding="utf-8") as out:
        json.dump(catalog, out, indent=0)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(folder / "catalog.json")
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the platform can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written(file: StoreFile) -> dict[str, Any]:
    entry = asdict(file)
    entry["path"] = file.path.name
    for key in ("day", "min_last_seen", "max_last_seen"):
        entry[key] = entry[key] and entry[key].isoformat()
    return entry


def _read(folder: Path, entry: dict[str, Any]) -> StoreFile:
    day = date.fromisoformat(entry["day"]) if entry["day"] else None
    return StoreFile(
        path=folder / "observations" / partition(entry["cluster"], day) / entry["path"],
        cluster=entry["cluster"],
        day=day,
        rows=entry["rows"],
        bytes=entry["bytes"],
        min_last_seen=datetime.fromisoformat(entry["min_last_seen"]) if entry["min_last_seen"] else None,
        max_last_seen=datetime.fromisoformat(entry["max_last_seen"]) if entry["max_last_seen"] else None,
        sha256=entry["sha256"],
    )
