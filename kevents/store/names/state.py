"""What a store is like at one moment, told without opening anything: it changes when there may be new names."""

from __future__ import annotations

from pathlib import Path


def state_of(store: Path) -> str:
    """The catalog's moment and size, and those of the journals' files."""
    files = (store / "catalog.json", *sorted(store.glob("journal/*/*.ndjson")))
    return " ".join(map(_told, files))


def _told(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns}:{found.st_size}"
