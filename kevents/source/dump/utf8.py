"""Bytes of text on their way to a reader: in UTF-8, counted, and ending in a note where they cannot be read."""

from __future__ import annotations

import codecs
from typing import Protocol

from kevents.errors import SourceError

_BOMS = (
    (codecs.BOM_UTF8, None),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK = 1 << 20


class Readable(Protocol):
    """What a stream must offer to be read."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Feed:
    """A stream as UTF-8 without a byte-order mark, which takes bytes back and does not raise.

    line and offset are those of the next byte; who reads keeps `line` right. failure says why the stream ended early.
    """

    def __init__(self, stream: Readable) -> None:
        self.line = 1
        self.offset = 0
        self.failure: str | None = None
        self._told = False
        self._stream = stream
        self._back = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._drop_mark()

    def read(self, size: int) -> bytes:
        """Up to size bytes; fewer only at the end."""
        buffer = bytearray(size)
        return bytes(buffer[: self.fill(memoryview(buffer))])

    def fill(self, view: memoryview) -> int:
        """Fill the view and say how much was written: less than all of it only at the end."""
        filled = 0
        while filled < len(view):
            got = self._some(view[filled:])
            if not got:
                break
            filled += got
        self.offset += filled
        return filled

    def unread(self, data: bytes) -> None:
        """Take bytes back: they are read again next."""
        self._back = data + self._back
        self.offset -= len(data)

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read."""
        head = self.read(size)
        self.unread(head)
        return head

    def tell(self) -> str | None:
        """Why the stream ended early, the first time that this is asked."""
        told, self._told = self._told, self._told or self.failure is not None
        return None if told else self.failure

    def _some(self, view: memoryview) -> int:
        if not self._back and self._decoder is not None:
            self._back = self._transcode(self._decoder)
        if self._back:
            got = min(len(view), len(self._back))
            view[:got] = self._back[:got]
            self._back = self._back[got:]
            return got
        return self._raw(view)

    def _raw(self, view: memoryview) -> int:
        if self.failure is not None:
            return 0
        try:
            return self._stream.readinto(view) or 0
        except SourceError as error:
            self.failure = str(error)
        except OSError as error:
            self.failure = f"cannot be read on: {error.strerror or error}"
        return 0

    def _transcode(self, decoder: codecs.IncrementalDecoder) -> bytes:
        """More text of another encoding as UTF-8; what cannot be decoded becomes U+FFFD."""
        chunk = memoryview(bytearray(_CHUNK))
        while got := self._raw(chunk):
            if text := decoder.decode(bytes(chunk[:got])):
                return text.encode("utf-8", "replace")
        rest = decoder.decode(b"", final=True).encode("utf-8", "replace")
        self._decoder = None
        return rest

    def _drop_mark(self) -> None:
        head = self.read(4)
        encoding = None
        for mark, name in _BOMS:
            if head.startswith(mark):
                head, encoding = head[len(mark) :], name
                break
        else:
            encoding = _unmarked(head)
        self.offset = 0
        if encoding is None:
            self._back = head
            return
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._back = self._decoder.decode(head).encode("utf-8", "replace")


def _unmarked(head: bytes) -> str | None:
    """The encoding of text that begins with an ASCII character of two bytes and has no mark."""
    if len(head) == 4 and head[0] and not head[1] and head[2] and not head[3]:
        return "utf-16-le"
    if len(head) == 4 and head[1] and not head[0] and head[3] and not head[2]:
        return "utf-16-be"
    return None
