"""Paths from the command line as open inputs, one after the other."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kevents.errors import SourceError
from kevents.escape import escape
from kevents.source.input.archive import contents
from kevents.source.input.streams import Counted, Peekable

STDIN = "-"

_File = tuple[str, str | OSError | None]  # a path, and why it is skipped or cannot be read


@dataclass(frozen=True)
class FileInput:
    """One file or one member of an archive. It has to be read before the next input is requested.

    name: for display, `bundle.tgz:member/path`.
    explicit: named on the command line, not found in a directory or archive.
    """

    name: str
    content: Peekable | SourceError
    explicit: bool
    origin: Counted | None = None  # the file on disk; the members of one archive share it
    skip: str | None = None  # why the file is skipped, if that is not an error

    @property
    def size(self) -> int | None:
        """The size of the file on disk in bytes, if it is known."""
        return self.origin.size if self.origin else None

    @property
    def consumed(self) -> int:
        """The bytes read so far from the file on disk."""
        return self.origin.count if self.origin else 0

    @property
    def stream(self) -> Peekable:
        """The content; raises SourceError if it cannot be read."""
        if isinstance(self.content, SourceError):
            raise self.content
        return self.content

    @contextmanager
    def open(self) -> Iterator[Peekable]:
        """The content, as a context manager; raises SourceError if it cannot be read."""
        yield self.stream


def file_inputs(paths: Sequence[str], stdin: BinaryIO) -> Iterator[FileInput]:
    """The inputs at the paths: files, the files in directories, the members of archives, `-` for standard input.

    A path that cannot be opened is an input, too; its stream raises SourceError.
    """
    for path in paths:
        if path == STDIN:
            yield from _contents("standard input", Counted(stdin), explicit=True)
        else:
            yield from _path_inputs(path)


def _path_inputs(path: str) -> Iterator[FileInput]:
    try:
        is_directory = stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116 - Path would drop a trailing slash
    except (OSError, ValueError) as error:
        yield _unreadable(path, error, explicit=True)
        return
    yield from _directory(path) if is_directory else _file(path, explicit=True)


def _directory(path: str) -> Iterator[FileInput]:
    is_empty = True
    for file, obstacle in _walk(path):
        is_empty = False
        if obstacle is None:
            yield from _file(file, explicit=False)
        elif isinstance(obstacle, OSError):
            yield _unreadable(file, obstacle, explicit=False)
        else:
            yield FileInput(escape(file), SourceError(f"skipped: {obstacle}"), explicit=False, skip=obstacle)
    if is_empty:
        yield FileInput(escape(path), SourceError("the directory has no files"), explicit=True)


def _file(path: str, *, explicit: bool) -> Iterator[FileInput]:
    try:
        with Path(path).open("rb", buffering=0) as file:
            yield from _contents(path, Counted(file, os.fstat(file.fileno()).st_size), explicit=explicit)
    except OSError as error:
        yield _unreadable(path, error, explicit=explicit)


def _contents(path: str, file: Counted, *, explicit: bool) -> Iterator[FileInput]:
    for members, content in contents(file):
        name = ":".join(escape(part) for part in (path, *members))
        yield FileInput(name, content, explicit=explicit and not members, origin=file)


def _unreadable(path: str, error: OSError | ValueError, *, explicit: bool) -> FileInput:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return FileInput(escape(path), SourceError(reason.lower()), explicit=explicit)


def _walk(directory: str, seen: set[tuple[int, int]] | None = None) -> Iterator[_File]:
    """The files below the directory, sorted by name.

    Symbolic links are followed, because container logs are links. No file or directory is visited twice, so loops of
    links end. Hidden files are skipped: they belong to editors and the operating system.
    """
    seen = set() if seen is None else seen
    try:
        seen.add(_identity(os.stat(directory)))  # noqa: PTH116
        names = sorted(os.listdir(directory))  # noqa: PTH208 - keeps names that are not UTF-8
    except OSError as error:
        yield directory, error
        return
    for name in names:
        path = os.path.join(directory, name)  # noqa: PTH118
        if name.startswith("."):
            yield path, "hidden files"
            continue
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError as error:
            yield path, "broken links" if os.path.islink(path) else error  # noqa: PTH114
            continue
        if _identity(status) in seen:
            yield path, "files seen before"
        elif stat.S_ISDIR(status.st_mode):
            yield from _walk(path, seen)
        else:
            seen.add(_identity(status))
            yield path, None if stat.S_ISREG(status.st_mode) else "special files"


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
