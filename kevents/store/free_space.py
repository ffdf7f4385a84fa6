"""Free disk space, and what a failed write means: DuckDB reports a full disk as "out of memory"."""

from __future__ import annotations

import shutil
from pathlib import Path

from kevents.errors import StoreError

_RESERVE = 64_000_000  # bytes that stay free for the journal of a recorder


def write_failure(error: Exception, directory: Path) -> str:
    """In a few words, why a file in the directory could not be written."""
    free = shutil.disk_usage(directory).free
    return f"its disk is full ({free / 1e6:.0f} MB free)" if free < _RESERVE else str(error).splitlines()[0]


def check(directory: Path, needed: int) -> None:
    """Raise StoreError if writing this many bytes would leave too little space for the journal of a recorder."""
    free = shutil.disk_usage(directory).free
    if free < needed + _RESERVE:
        raise StoreError(
            f"not enough disk space to rewrite {needed / 1e6:,.0f} MB of {directory.parent}: {free / 1e6:,.0f} MB free",
            hint="Nothing was changed. Free some space, or delete old days with kevents store prune --older-than.",
        )
