"""All file access of the store except locks, in one place.

Another backend, such as an object store, would have to provide the same operations: files that are written completely
or not at all, reading, listing and removing them, and the atomic replacement of one file, the catalog. The journal of a
recorder is appended to and synced many times per second, and locks are held by the kernel, so both need a local disk.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_BINARY: int = getattr(os, "O_BINARY", 0)  # without it, Windows translates line ends


def read(path: Path) -> bytes:
    """The content of the file."""
    return path.read_bytes()


def size(path: Path) -> int:
    """The size of the file in bytes."""
    return path.stat().st_size


def sha256(path: Path) -> str:
    """The checksum of the file's content, as stored in the catalog."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_paths(directory: Path, pattern: str = "*") -> Iterator[Path]:
    """The entries of a directory, or everything below it that matches the pattern."""
    return directory.iterdir() if pattern == "*" else directory.glob(pattern)  # glob skips unreadable directories


def is_empty(directory: Path) -> bool:
    """Whether the directory has no entries except lost+found, which is part of the file system, as on ext4."""
    return all(path.name == "lost+found" for path in directory.iterdir())


def make_directory(directory: Path) -> None:
    """Create the directory and its parents if they do not exist."""
    directory.mkdir(parents=True, exist_ok=True)


def empty_directory(directory: Path) -> None:
    """Delete everything in the directory."""
    remove_tree(directory)
    directory.mkdir(exist_ok=True)


def remove_tree(directory: Path) -> None:
    """Delete the directory and everything in it, as far as possible."""
    shutil.rmtree(directory, ignore_errors=True)


def remove(path: Path) -> None:
    """Delete the file if it exists. On Windows, a file that is open stays; the next writer tries again."""
    with suppress(PermissionError):
        path.unlink(missing_ok=True)


def move(path: Path, target: Path) -> None:
    """Move the file in one step. It is durable once both directories are synced."""
    make_directory(target.parent)
    path.rename(target)


def copy(path: Path, target: Path) -> None:
    """Copy the file."""
    make_directory(target.parent)
    shutil.copy2(path, target)


def replace(path: Path, data: bytes, backup: Path | None = None) -> None:
    """Replace the content of the file, atomically and durably. backup: another name for the previous content."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    if backup:
        _link(path, backup)
    new.replace(path)
    sync_directory(path.parent)


def replace_unsynced(path: Path, data: bytes) -> None:
    """Replace the content of the file atomically, but without a sync: for state that is rewritten every second.

    On a full disk it is overwritten in place, which needs no free space.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        with path.open("r+b") as file:
            file.write(data)
            file.truncate()


def _link(path: Path, name: Path) -> None:
    """Give the file a second name. A hard link costs less than a copy."""
    link = name.with_name(f"{name.name}.new")
    with suppress(OSError):  # no file yet, or a file system without hard links: then there is no backup
        link.unlink(missing_ok=True)
        link.hardlink_to(path)
        link.replace(name)


def sync(path: Path) -> None:
    """Make the content of the file durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_directory(directory: Path) -> None:
    """Make the entries of the directory durable, where the platform supports it."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def truncate(path: Path, length: int) -> None:
    """Cut the file to this length, durably."""
    with path.open("r+b") as file:
        file.truncate(length)
        file.flush()
        os.fsync(file.fileno())


def open_to_read(path: Path) -> int:
    """A descriptor of the file. It can be read to the end even if the file is deleted meanwhile."""
    return os.open(path, os.O_RDONLY | _BINARY)


def open_to_append(path: Path) -> int:
    """A descriptor of a new file for appending."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY, 0o600)
