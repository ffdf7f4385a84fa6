"""What a store is like at one moment, told without opening anything: it changes when there may be new names."""

from __future__ import annotations

from pathlib import Path

from kevents.store.paths import catalog_of, journals


def state_of(store: Path) -> str:
    """The catalog's moment and size, and those of the journals' files."""
    files = (catalog_of(store), *sorted(journals(store).glob("*/*.ndjson")))
    return " ".join(map(_told, files))


def _told(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns}:{found.st_size}"
