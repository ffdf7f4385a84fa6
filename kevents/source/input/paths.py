"""Paths of the command line → open inputs, one after the other."""

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

_Found = tuple[str, str | OSError | None]  # a path, and why it is not to be read or cannot be


@dataclass(frozen=True)
class FileInput:
    """One file, or one member of an archive, to be read before the next input is asked for.

    name: for people, `bundle.tgz:member/path`; explicit: named on the command line, not found in a directory or archive.
    """

    name: str
    content: Peekable | SourceError
    explicit: bool
    origin: Counted | None = None  # the file on disk; the members of one archive share it
    skip: str | None = None  # why it is not to be read, without that being a failure

    @property
    def size(self) -> int | None:
        """Bytes of the file on disk, if they are known."""
        return self.origin.size if self.origin else None

    @property
    def consumed(self) -> int:
        """Bytes read so far from the file on disk."""
        return self.origin.count if self.origin else 0

    @property
    def stream(self) -> Peekable:
        """The bytes; raises SourceError if there is no reading them."""
        if isinstance(self.content, SourceError):
            raise self.content
        return self.content

    @contextmanager
    def open(self) -> Iterator[Peekable]:
        """The bytes, for the length of a with statement; raises SourceError if there is no reading them."""
        yield self.stream


def file_inputs(paths: Sequence[str], stdin: BinaryIO) -> Iterator[FileInput]:
    """The inputs that the paths lead to: files, the files of directories, the members of archives, `-`.

    What cannot be opened is an input too, whose stream raises SourceError.
    """
    for path in paths:
        if path == STDIN:
            yield from _contents("standard input", Counted(stdin), explicit=True)
        else:
            yield from _named(path)


def _named(path: str) -> Iterator[FileInput]:
    try:
        is_directory = stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116 - Path would drop a trailing slash
    except (OSError, ValueError) as error:
        yield _unreadable(path, error, explicit=True)
        return
    yield from _directory(path) if is_directory else _file(path, explicit=True)


def _directory(path: str) -> Iterator[FileInput]:
    empty = True
    for found, hindrance in _walk(path):
        empty = False
        if hindrance is None:
            yield from _file(found, explicit=False)
        elif isinstance(hindrance, OSError):
            yield _unreadable(found, hindrance, explicit=False)
        else:
            yield FileInput(escape(found), SourceError(f"not read: {hindrance}"), explicit=False, skip=hindrance)
    if empty:
        yield FileInput(escape(path), SourceError("the directory holds no files"), explicit=True)


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
    reason = error.strerror if isinstance(error, OSError) else None
    return FileInput(escape(path), SourceError(f"cannot be read: {(reason or str(error)).lower()}"), explicit=explicit)


def _walk(directory: str, seen: set[tuple[int, int]] | None = None) -> Iterator[_Found]:
    """The files below the directory in the order of their names.

    Links are followed, for the logs of containers are links; but nothing is entered or read a second time, so that a
    loop of links ends. What begins with a dot is an editor's or a system's, and is left out.
    """
    seen = set() if seen is None else seen
    try:
        seen.add(_identity(os.stat(directory)))  # noqa: PTH116
        names = sorted(os.listdir(directory))  # noqa: PTH208 - names that are not UTF-8 stay as they are
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
