"""The state of a store, read without opening files. If it changes, the store may have new names."""

from __future__ import annotations

from pathlib import Path

from kevents.store.paths import catalog_of, journals


def state_of(store: Path) -> str:
    """The modification times and sizes of the catalog and the journal files."""
    files = (catalog_of(store), *sorted(journals(store).glob("*/*.ndjson")))
    return " ".join(map(_state_of_file, files))


def _state_of_file(path: Path) -> str:
    try:
        stat = path.stat()
    except OSError:
        return "-"
    return f"{stat.st_mtime_ns}:{stat.st_size}"
