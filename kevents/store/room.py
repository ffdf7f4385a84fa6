"""What a failure to write means: DuckDB calls a full disk "out of memory"."""

from __future__ import annotations

import shutil
from pathlib import Path

_TOO_LITTLE = 64_000_000  # bytes free


def cause(error: Exception, folder: Path) -> str:
    """Why a file in the folder could not be written, in a few words."""
    free = shutil.disk_usage(folder).free
    return f"its disk is full ({free / 1e6:.0f} MB free)" if free < _TOO_LITTLE else str(error).splitlines()[0]
