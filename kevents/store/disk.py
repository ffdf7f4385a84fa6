"""All file access of the store except locks, in one place.

Another backend, such as an object store, would have to provide the same operations: files that are written completely
or not at all, reading, listing and removing them, and the atomic replacement of one file, the catalog. The journal of a
recorder is appended to and synced many times per second, and locks are held by the kernel, so both need a local disk.

A store may come from somebody else, so nothing here follows a symbolic link in its last part, opens anything other than
a regular file, or writes into a file that exists. `layout` checks the directories of a store.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader, BufferedWriter
from pathlib import Path

_BINARY: int = getattr(os, "O_BINARY", 0)  # without it, Windows translates line ends
NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # opening a named pipe would wait
_NOT_A_FILE = {errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP, errno.EISDIR}
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a directory",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotRegularError(OSError):
    """The path is not a regular file. kind: what it is instead, such as `a named pipe`."""

    def __init__(self, path: Path, mode: int) -> None:
        self.kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        super().__init__(errno.EINVAL, f"it is {self.kind}, not a regular file", str(path))


def kind_of(path: Path) -> str | None:
    """What the path is instead of a regular file, such as `a named pipe`; None if it is one or does not exist."""
    try:
        _check_regular(path, path.lstat().st_mode)
    except NotRegularError as error:
        return error.kind
    except OSError:
        pass
    return None


def open_file(path: Path) -> BufferedReader:
    """The file, open for reading."""
    return os.fdopen(open_to_read(path), "rb")


def read(path: Path) -> bytes:
    """The content of the file."""
    with open_file(path) as file:
        return file.read()


def size(path: Path) -> int:
    """The size of the file in bytes."""
    status = path.lstat()
    _check_regular(path, status.st_mode)
    return status.st_size


def sha256(path: Path) -> str:
    """The checksum of the file's content, as stored in the catalog."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_paths(directory: Path, pattern: str = "*") -> Iterator[Path]:
    """The entries of a directory, or everything below it that matches the pattern."""
    return directory.iterdir() if pattern == "*" else directory.glob(pattern)  # glob skips unreadable directories


def list_entries(directory: Path) -> list[os.DirEntry[str]]:
    """The entries of a directory with their types; none if it does not exist or cannot be read."""
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []


def status(path: Path) -> os.stat_result:
    """The owner and mode of a directory."""
    return path.stat()


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
    with open_file(path) as source, _create(target) as out:
        shutil.copyfileobj(source, out)


def replace(path: Path, data: bytes, backup: Path | None = None) -> None:
    """Replace the content of the file, atomically and durably. backup: another name for the previous content."""
    new = path.with_name(f"{path.name}.new")
    with _create(new) as out:
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
        with _create(new) as out:
            out.write(data)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        with os.fdopen(_open(path, os.O_RDWR), "r+b") as file:
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
    with open_file(path) as file:
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
    with os.fdopen(_open(path, os.O_RDWR), "r+b") as file:
        file.truncate(length)
        file.flush()
        os.fsync(file.fileno())


def open_to_read(path: Path) -> int:
    """A descriptor of the file. It can be read to the end even if the file is deleted meanwhile."""
    return _open(path, os.O_RDONLY)


def open_nothing() -> int:
    """A descriptor of an empty file, in place of one that must not be read."""
    return os.open(os.devnull, os.O_RDONLY)


def _open(path: Path, flags: int) -> int:
    """A descriptor of an existing regular file. Raises NotRegularError for anything else."""
    try:
        descriptor = os.open(path, flags | NO_FOLLOW | _BINARY)
    except OSError as error:
        if error.errno in _NOT_A_FILE:
            _check_regular(path, path.lstat().st_mode)
        raise
    try:
        _check_regular(path, os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _create(path: Path) -> BufferedWriter:
    """A new file, open for writing. What had this name, such as the rest of a killed writer, is deleted."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW | _BINARY, 0o600), "wb")


def _check_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotRegularError(path, mode)


def open_to_append(path: Path) -> int:
    """A descriptor of a new file for appending."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY, 0o600)
