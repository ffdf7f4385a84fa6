"""The files in a file: itself, or the members of an archive. Archives are recognized by magic bytes, not by name."""

from __future__ import annotations

import lzma
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from kevents.errors import SourceError
from kevents.source.input import tar
from kevents.source.input.streams import Counted, Decompressed, Peekable, Stream, read_exactly

MAX_DEPTH = 3  # archives within archives
_SPOOL = 64 << 20  # bytes of a zip archive kept in memory, if it cannot be read with seek

_COMPRESSED = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
# everything that zipfile and its decompressors raise for damaged data
_DAMAGED_MEMBER = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, IndexError, OverflowError, MemoryError),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")

Content = tuple[tuple[str, ...], Peekable | SourceError]  # the path of member names, outermost first, and the bytes


def contents(stream: Counted, depth: int = MAX_DEPTH) -> Iterator[Content]:
    """The files in a file: just itself, or the members of an archive and of the archives in it.

    A stream is valid until the next one is requested. A SourceError takes the place of a stream that cannot be opened.
    """
    return _unpack(Peekable(stream), depth, stream if stream.seekable() else None)


def _unpack(stream: Peekable, depth: int, file: Counted | None = None) -> Iterator[Content]:
    try:
        head = stream.peek(512)
        method = next((method for magic, method in _COMPRESSED if head.startswith(magic)), None)
        is_zip = head.startswith(_ZIP)
        if method is None and not is_zip and not tar.is_tar(head):
            yield (), stream
        elif depth == 0:
            yield (), SourceError(f"archives are nested more than {MAX_DEPTH} levels deep")
        elif method is not None:
            yield from _decompressed(stream, method, depth)
        else:
            members = _zip_members(stream, file) if is_zip else tar.members(stream)
            yield from _member_contents(members, depth)
    except SourceError as error:
        yield (), error


def _decompressed(stream: Peekable, method: str, depth: int) -> Iterator[Content]:
    """A compressed archive counts as one level, not two."""
    inner = Peekable(Decompressed(stream, method))
    is_archive = inner.peek(512).startswith(_ZIP) or tar.is_tar(inner.peek(512))
    yield from _unpack(inner, depth if is_archive else depth - 1)


def _member_contents(members: Iterator[tar.TarMember], depth: int) -> Iterator[Content]:
    is_empty = True
    for member in members:
        is_empty = False
        for names, content in _unpack(Peekable(member.stream), depth - 1):
            yield (member.name, *names), content
    if is_empty:
        yield (), SourceError("the archive has no files")


def _zip_members(stream: Peekable, file: Counted | None) -> Iterator[tar.TarMember]:
    """The regular files of a zip archive. Its directory is at the end, so a file without seek is copied first."""
    with tempfile.SpooledTemporaryFile(_SPOOL) as spool:
        if file is None:
            while chunk := read_exactly(stream, 1 << 20):
                spool.write(chunk)
        try:
            archive = zipfile.ZipFile(spool if file is None else file)
        except (*_DAMAGED_MEMBER, NotImplementedError) as error:
            raise SourceError("the zip archive is damaged or truncated") from error
        with archive:
            for info in archive.infolist():
                if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16):
                    yield tar.TarMember(info.filename, _ZipContent(archive, info))


class _ZipContent(Stream):
    """The bytes of one member of a zip archive, opened by the first read."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        super().__init__()
        self._archive = archive
        self._info = info
        self._file: IO[bytes] | None = None

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        try:
            if self._file is None:
                self._file = self._archive.open(self._info)
            data = self._file.read(min(len(buffer), 64 << 10))
        except NotImplementedError as error:  # a RuntimeError, too
            raise SourceError("this member of the zip archive has an unsupported compression method") from error
        except RuntimeError as error:
            raise SourceError("this member of the zip archive is encrypted") from error
        except _DAMAGED_MEMBER as error:
            raise SourceError("this member of the zip archive is damaged") from error
        buffer[: len(data)] = data
        return len(data)
