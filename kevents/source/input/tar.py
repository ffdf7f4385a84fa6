"""Reads tar archives as a stream. Nothing is extracted, and the name of a member is never used as a path.

A wrapper of `tarfile` that reports damage: tarfile itself takes a damaged header for the end of the archive.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Self, cast

from kevents.errors import SourceError
from kevents.source.input.streams import Stream

_BLOCK = 512
_CHUNK = 64 << 10
_MAX_NAME = 1 << 20  # bytes of a long name or of an extended header
_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_NAMES = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)
_TRUNCATED = "the archive is truncated here"
_DAMAGED_HEADER = "the archive is damaged: the header of a member is not readable"


@dataclass(frozen=True)
class TarMember:
    """A regular file in an archive. Its stream is valid until the next member is requested."""

    name: str
    stream: Stream


def is_tar(head: bytes) -> bool:
    """Whether a file that starts with these 512 bytes is a tar archive."""
    if len(head) < _BLOCK or not head[0]:
        return False
    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")  # verifies the checksum
    except tarfile.HeaderError:
        return False
    return True


def members(stream: Stream) -> Iterator[TarMember]:
    """The regular files of the archive, in its order. Raises SourceError at damage that no member has raised before."""
    source = _Source(stream)
    try:
        archive = tarfile.open(  # noqa: SIM115 - there is nothing to close
            fileobj=cast("IO[bytes]", source),
            mode="r|",
            bufsize=_CHUNK,
            tarinfo=_Header,
            encoding="utf-8",
            errors="surrogateescape",
        )
        while (member := archive.next()) is not None:
            _check_size(member)  # again, because an extended header may override it
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep all headers in memory
            content = _Content(archive, member.size, source)
            if member.type in _REGULAR and not member.issparse():
                yield TarMember(member.name, content)
            if content.is_failed:
                return
    except SourceError as error:
        if source.failure is not None:
            raise source.failure from error
        raise
    except tarfile.TarError as error:
        raise source.failure or SourceError(_TRUNCATED) from error
    except (ValueError, IndexError) as error:
        raise source.failure or SourceError(_DAMAGED_HEADER) from error
    if source.failure is not None:
        raise source.failure


class _Source:
    """The file that tarfile reads. If the stream fails, the file ends, so that tarfile returns the data before that."""

    def __init__(self, stream: Stream) -> None:
        self.failure: SourceError | None = None
        self._stream = stream

    def read(self, size: int) -> bytes:
        if self.failure is not None:
            return b""
        try:
            return self._stream.read(size) or b""
        except SourceError as error:
            self.failure = error
            return b""


class _Header(tarfile.TarInfo):
    """A header with checks for damage and for sizes that tarfile accepts."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if not any(buf):
            return super().frombuf(buf, encoding, errors)  # raises an error that marks the end of the archive
        if len(buf) < _BLOCK:
            raise SourceError(_TRUNCATED)
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise SourceError(_DAMAGED_HEADER) from error
        _check_size(header)
        if header.type in _NAMES and header.size > _MAX_NAME:
            raise SourceError("the archive is damaged: the name of a member is longer than 1 MB")
        return header


def _check_size(header: tarfile.TarInfo) -> None:
    if header.size < 0:
        raise SourceError("the archive is damaged: a member has a negative size")


class _Content(Stream):
    """The bytes of one member."""

    def __init__(self, archive: tarfile.TarFile, size: int, source: _Source) -> None:
        super().__init__()
        self.is_failed = False
        self._archive = archive
        self._left = size
        self._source = source

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        if not self._left:
            return 0
        # not extractfile(), which drops the bytes before the end of a truncated archive
        data = self._archive.fileobj.read(min(len(buffer), self._left))
        if not data:
            self.is_failed = True
            raise self._source.failure or SourceError(_TRUNCATED)
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)
