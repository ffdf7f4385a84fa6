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
from kevents.source.archive import contents
from kevents.source.folder import walk
from kevents.source.streams import Counted, Peekable
from kevents.text import escape

STDIN = "-"


@dataclass(frozen=True)
class Input:
    """One file, or one member of an archive, to be read before the next input is asked for.

    name: for people, `bundle.tgz:member/path`; explicit: named on the command line, not found in a folder or archive.
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


def inputs(paths: Sequence[str], stdin: BinaryIO) -> Iterator[Input]:
    """The inputs that the paths lead to: files, the files of folders, the members of archives, `-`.

    What cannot be opened is an input too, whose stream raises SourceError.
    """
    for path in paths:
        if path == STDIN:
            yield from _contents("standard input", Counted(stdin), explicit=True)
        else:
            yield from _named(path)


def _named(path: str) -> Iterator[Input]:
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116 - Path would drop a trailing slash
    except (OSError, ValueError) as error:
        yield _unreadable(path, error, explicit=True)
        return
    yield from _folder(path) if is_folder else _file(path, explicit=True)


def _folder(path: str) -> Iterator[Input]:
    empty = True
    for found, hindrance in walk(path):
        empty = False
        if hindrance is None:
            yield from _file(found, explicit=False)
        elif isinstance(hindrance, OSError):
            yield _unreadable(found, hindrance, explicit=False)
        else:
            yield Input(escape(found), SourceError(f"not read: {hindrance}"), explicit=False, skip=hindrance)
    if empty:
        yield Input(escape(path), SourceError("the folder holds no files"), explicit=True)


def _file(path: str, *, explicit: bool) -> Iterator[Input]:
    try:
        with Path(path).open("rb", buffering=0) as file:
            yield from _contents(path, Counted(file, os.fstat(file.fileno()).st_size), explicit=explicit)
    except OSError as error:
        yield _unreadable(path, error, explicit=explicit)


def _contents(path: str, file: Counted, *, explicit: bool) -> Iterator[Input]:
    for members, content in contents(file):
        name = ":".join(escape(part) for part in (path, *members))
        yield Input(name, content, explicit=explicit and not members, origin=file)


def _unreadable(path: str, error: OSError | ValueError, *, explicit: bool) -> Input:
    reason = error.strerror if isinstance(error, OSError) else None
    return Input(escape(path), SourceError(f"cannot be read: {(reason or str(error)).lower()}"), explicit=explicit)
