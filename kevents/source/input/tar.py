"""Tar archives read as a stream: nothing is extracted, and no member's name ever becomes a path."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from kevents.errors import SourceError
from kevents.source.input.streams import Stream, read_exactly

_BLOCK = 512
_HEADER_LIMIT = 1 << 20  # a long name or extended header beyond this is no name
_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_CUT_OFF = "the archive is cut off here"


@dataclass(frozen=True)
class Member:
    """A regular file of an archive; its stream is good until the next member is asked for."""

    name: str
    stream: Stream


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with these 512 bytes is a tar archive."""
    if len(head) < _BLOCK or not head[0]:
        return False
    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")  # compares the checksum
    except tarfile.HeaderError:
        return False
    return True


def members(stream: Stream) -> Iterator[Member]:
    """The regular files of the archive, in its order. Damage raises SourceError where it is met, and only once."""
    override: dict[str, str] = {}
    while (header := _header(stream)) is not None:
        if header.type == tarfile.GNUTYPE_LONGNAME:
            override["path"] = _text(_payload(stream, header.size).rstrip(b"\0"))
            continue
        if header.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            override |= _extended(_payload(stream, header.size))
            continue
        size = _size(override.get("size"), header.size)
        content = _Content(stream, size)
        if header.type in _REGULAR and not any(key.startswith("GNU.sparse") for key in override):
            yield Member(override.get("path", header.name), content)
        if header.type != tarfile.GNUTYPE_LONGLINK:
            override = {}
        if not content.skip_rest():
            return


class _Content(Stream):
    """The bytes of one member, which end where the member does."""

    def __init__(self, stream: Stream, size: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = size
        self._padding = -size % _BLOCK
        self._failed = False

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        if not self._left:
            return 0
        try:
            got = self._stream.readinto(memoryview(buffer)[: self._left]) or 0
        except SourceError:
            self._failed = True
            raise
        if not got:
            self._failed = True
            raise SourceError(_CUT_OFF)
        self._left -= got
        return got

    def skip_rest(self) -> bool:
        """Pass over what was not read; False if reading has already failed and said so."""
        scratch = memoryview(bytearray(64 << 10))
        while self._left and not self._failed:
            self.readinto(scratch)
        if not self._failed:
            read_exactly(self._stream, self._padding)
        return not self._failed


def _header(stream: Stream) -> tarfile.TarInfo | None:
    """The next header, or None at the end of the archive."""
    block = read_exactly(stream, _BLOCK)
    if not block or not any(block):
        return None
    if len(block) < _BLOCK:
        raise SourceError(_CUT_OFF)
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise SourceError("the archive is damaged: a member's header is not readable") from error
    if header.size < 0:
        raise SourceError("the archive is damaged: a member has a negative size")
    return header if header.type in tarfile.REGULAR_TYPES or _has_payload(header) else _without_payload(header)


def _has_payload(header: tarfile.TarInfo) -> bool:
    links = (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
    return header.type not in links


def _without_payload(header: tarfile.TarInfo) -> tarfile.TarInfo:
    header.size = 0  # a hard link repeats the size of its target
    return header


def _payload(stream: Stream, size: int) -> bytes:
    if size > _HEADER_LIMIT:
        raise SourceError("the archive is damaged: a member's name is longer than 1 MB")
    payload = read_exactly(stream, size + -size % _BLOCK)
    if len(payload) < size:
        raise SourceError(_CUT_OFF)
    return payload[:size]


def _extended(payload: bytes) -> dict[str, str]:
    """The records `LENGTH KEY=VALUE\\n` of a pax header."""
    records: dict[str, str] = {}
    rest = io.BytesIO(payload)
    while length := rest.read(1):
        while len(length) < 20 and (digit := rest.read(1)).isdigit():
            length += digit
        if not length.isdigit() or int(length) <= len(length) + 1:
            raise SourceError("the archive is damaged: an extended header is not readable")
        key, _, value = rest.read(int(length) - len(length) - 1).rstrip(b"\n").partition(b"=")
        records[_text(key)] = _text(value)
    return records


def _size(stated: str | None, size: int) -> int:
    if stated is None:
        return size
    if not stated.isascii() or not stated.isdigit() or len(stated) > 18:
        raise SourceError("the archive is damaged: a member's size is no number")
    return int(stated)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
