"""Files of the store, opened as bytes on every system."""

from __future__ import annotations

import os
from pathlib import Path

_BYTES: int = getattr(os, "O_BINARY", 0)  # without it, Windows would turn line ends into its own


def open_to_read(path: Path) -> int:
    """A descriptor of the file."""
    return os.open(path, os.O_RDONLY | _BYTES)


def open_new(path: Path) -> int:
    """A descriptor of a new file, to which is appended."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BYTES, 0o600)
