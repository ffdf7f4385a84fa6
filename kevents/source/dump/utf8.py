"""A byte stream of any Unicode encoding as UTF-8."""

from __future__ import annotations

import codecs
from typing import Protocol

from kevents.errors import SourceError

_BOMS = (
    (codecs.BOM_UTF8, None),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16-LE, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK = 1 << 20


class Readable(Protocol):
    """The part of a binary stream that is used here."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Utf8Stream:
    """A stream as UTF-8 without a byte-order mark. Bytes can be pushed back.

    line and offset belong to the next byte; the reader has to update `line`. A read error ends the stream: it is not
    raised, but kept in `failure`.
    """

    def __init__(self, stream: Readable) -> None:
        self.line = 1
        self.offset = 0
        self.failure: str | None = None
        self._is_failure_reported = False
        self._stream = stream
        self._buffer = b""  # bytes to return before reading from the stream
        self._decoder: codecs.IncrementalDecoder | None = None  # None for UTF-8
        self._detect_encoding()

    def read(self, size: int) -> bytes:
        """Up to size bytes; fewer only at the end."""
        view = memoryview(bytearray(size))
        return bytes(view[: self.fill(view)])

    def fill(self, view: memoryview) -> int:
        """Fill the view and return the number of bytes written, which is less than its size only at the end."""
        filled = 0
        while filled < len(view):
            size = self._read_some(view[filled:])
            if not size:
                break
            filled += size
        self.offset += filled
        return filled

    def unread(self, data: bytes) -> None:
        """Push bytes back: they are read again next."""
        self._buffer = data + self._buffer
        self.offset -= len(data)

    def peek(self, size: int) -> bytes:
        """The next bytes, without consuming them."""
        head = self.read(size)
        self.unread(head)
        return head

    def take_failure(self) -> str | None:
        """Why the stream ended early; None if it did not, or if an earlier call returned it."""
        if self._is_failure_reported:
            return None
        self._is_failure_reported = self.failure is not None
        return self.failure

    def _read_some(self, view: memoryview) -> int:
        if not self._buffer and self._decoder is not None:
            self._buffer = self._transcode(self._decoder)
        if self._buffer:
            size = min(len(view), len(self._buffer))
            view[:size] = self._buffer[:size]
            self._buffer = self._buffer[size:]
            return size
        return self._read_raw(view)

    def _read_raw(self, view: memoryview) -> int:
        if self.failure is not None:
            return 0
        try:
            return self._stream.readinto(view) or 0
        except SourceError as error:
            self.failure = str(error)
        except OSError as error:
            self.failure = f"read error: {error.strerror or error}"
        return 0

    def _transcode(self, decoder: codecs.IncrementalDecoder) -> bytes:
        """More text of another encoding as UTF-8; invalid bytes become U+FFFD."""
        chunk = memoryview(bytearray(_CHUNK))
        while size := self._read_raw(chunk):
            if text := decoder.decode(bytes(chunk[:size])):
                return text.encode("utf-8", "replace")
        rest = decoder.decode(b"", final=True).encode("utf-8", "replace")
        self._decoder = None
        return rest

    def _detect_encoding(self) -> None:
        head = self.read(4)
        encoding = None
        for mark, name in _BOMS:
            if head.startswith(mark):
                head, encoding = head[len(mark) :], name
                break
        else:
            encoding = _encoding_without_mark(head)
        self.offset = 0
        if encoding is None:
            self._buffer = head
            return
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._buffer = self._decoder.decode(head).encode("utf-8", "replace")


def _encoding_without_mark(head: bytes) -> str | None:
    """UTF-16 without a byte-order mark, recognized by two ASCII characters at the start."""
    if len(head) == 4 and head[0] and not head[1] and head[2] and not head[3]:
        return "utf-16-le"
    if len(head) == 4 and head[1] and not head[0] and head[3] and not head[2]:
        return "utf-16-be"
    return None
