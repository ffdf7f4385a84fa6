"""What the store asks of the disk that it lies on: all reading and writing of its files, in one place.

An object store would have to answer the same: files that are put whole or not at all, read, listed and removed, and one
that is replaced in one step, the catalog. A recorder's journal is appended to and synced many times a second, and locks
are the kernel's: those stay on a disk of the recorder's, whatever becomes of the rest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_BYTES: int = getattr(os, "O_BINARY", 0)  # without it, Windows would turn line ends into its own


def read(path: Path) -> bytes:
    """The whole content."""
    return path.read_bytes()


def size(path: Path) -> int:
    """Bytes that the file has."""
    return path.stat().st_size


def sha256(path: Path) -> str:
    """The checksum of the content, as the catalog knows it."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def listed(directory: Path, pattern: str = "*") -> Iterator[Path]:
    """The files and directories in a directory, or those below it that fit a pattern."""
    return directory.iterdir() if pattern == "*" else directory.glob(pattern)  # which passes over what may not be read


def make(directory: Path) -> None:
    """Make the directory, and those above it, if they are not there."""
    directory.mkdir(parents=True, exist_ok=True)


def empty(directory: Path) -> None:
    """Leave the directory without anything in it."""
    remove_all(directory)
    directory.mkdir(exist_ok=True)


def remove_all(directory: Path) -> None:
    """Remove the directory with all that is in it, as far as that can be done."""
    shutil.rmtree(directory, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove the file, if it is there and nobody has it open: on Windows, the next writer tries again."""
    with suppress(PermissionError):
        path.unlink(missing_ok=True)


def move(path: Path, place: Path) -> None:
    """Give the file another place, in one step; durable once both directories are synced."""
    make(place.parent)
    path.rename(place)


def copy(path: Path, place: Path) -> None:
    """Put a copy of the file there."""
    make(place.parent)
    shutil.copy2(path, place)


def replace(path: Path, data: bytes, before: Path | None = None) -> None:
    """Put the data in the place of the file's content, in one step and durably. before: a name for what it was."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    if before:
        _link(path, before)
    fresh.replace(path)
    sync_directory(path.parent)


def show(path: Path, data: bytes) -> None:
    """The same for what goes stale within a second: it need not be durable."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(data)
    fresh.chmod(0o600)
    fresh.replace(path)


def _link(path: Path, name: Path) -> None:
    """Give the file a second name, which is all that a copy of it costs."""
    link = name.with_name(f"{name.name}.new")
    with suppress(OSError):  # there is no file yet; a file system without links: then there is no copy
        link.unlink(missing_ok=True)
        link.hardlink_to(path)
        link.replace(name)


def sync(path: Path) -> None:
    """Make the content durable."""
    with path.open("rb") as written:
        os.fsync(written.fileno())


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable, where the platform can."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cut(path: Path, length: int) -> None:
    """Shorten the file to that length, durably."""
    with path.open("r+b") as file:
        file.truncate(length)
        file.flush()
        os.fsync(file.fileno())


def open_to_read(path: Path) -> int:
    """A descriptor of the file, which is read to its end even where it is removed meanwhile."""
    return os.open(path, os.O_RDONLY | _BYTES)


def open_new(path: Path) -> int:
    """A descriptor of a new file, to which is appended."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BYTES, 0o600)
