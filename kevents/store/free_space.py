"""Room on the disk, and what a failure to write means: DuckDB calls a full disk "out of memory"."""

from __future__ import annotations

import shutil
from pathlib import Path

from kevents.errors import StoreError

_TOO_LITTLE = 64_000_000  # bytes free


def cause(error: Exception, directory: Path) -> str:
    """Why a file in the directory could not be written, in a few words."""
    free = shutil.disk_usage(directory).free
    return f"its disk is full ({free / 1e6:.0f} MB free)" if free < _TOO_LITTLE else str(error).splitlines()[0]


def check(directory: Path, needed: int) -> None:
    """Refuse to write so many bytes where a recorder would then have too little room for its journal."""
    free = shutil.disk_usage(directory).free
    if free < needed + _TOO_LITTLE:
        raise StoreError(
            f"rewriting {needed / 1e6:,.0f} MB of {directory.parent} needs more room: {free / 1e6:,.0f} MB are free",
            hint="Nothing was rewritten, for who records needs room first: free some, or prune whole days.",
        )
