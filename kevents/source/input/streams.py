"""Binary streams to read files and archives with: counting, peeking, decompressing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import IO, Protocol, cast

from kevents.errors import SourceError

_CHUNK = 256 << 10
_ZSTD_CHUNK = 32 << 10  # Arrow drops what it has read of a chunk if the data ends too early


class Stream(io.RawIOBase):
    """A readable stream; `readinto` raises SourceError if the data is damaged."""

    def readable(self) -> bool:
        return True


class _Source(Protocol):
    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Counted(Stream):
    """A file on disk that counts the bytes read from it."""

    def __init__(self, file: IO[bytes] | io.RawIOBase, size: int | None = None) -> None:
        super().__init__()
        self._file = file
        self.size = size
        self.count = 0

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        size: int = self._file.readinto(buffer) or 0  # type: ignore[union-attr]
        self.count += size
        return size

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


class Peekable(Stream):
    """A stream whose first bytes can be looked at without consuming them."""

    def __init__(self, stream: _Source) -> None:
        super().__init__()
        self._stream = stream
        self._head = b""

    def peek(self, size: int) -> bytes:
        """The next bytes; fewer than size only if the stream is shorter."""
        if len(self._head) < size:
            self._head += read_exactly(self._stream, size - len(self._head))
        return self._head[:size]

    def seekable(self) -> bool:
        return isinstance(self._stream, io.RawIOBase) and self._stream.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_CUR:
            offset -= len(self._head)
        self._head = b""
        return cast("io.RawIOBase", self._stream).seek(offset, whence)

    def tell(self) -> int:
        return cast("io.RawIOBase", self._stream).tell() - len(self._head)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        if not self._head:
            return self._stream.readinto(buffer) or 0
        size = min(len(buffer), len(self._head))
        buffer[:size] = self._head[:size]
        self._head = self._head[size:]
        return size


class Decompressed(Stream):
    """The content of a compressed stream."""

    def __init__(self, stream: Stream, method: str) -> None:
        super().__init__()
        self._method = method
        self._chunk = _CHUNK
        self._content: IO[bytes] | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile
        source = io.BufferedReader(stream, _CHUNK)
        match method:
            case "gzip":
                self._content = gzip.GzipFile(fileobj=source)
            case "bzip2":
                self._content = bz2.BZ2File(source)
            case "xz":
                self._content = lzma.LZMAFile(source)  # noqa: SIM115 - it lives as long as this stream
            case _:
                import pyarrow as pa

                self._content = pa.CompressedInputStream(pa.PythonFile(source, mode="r"), "zstd")
                self._chunk = _ZSTD_CHUNK

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        try:
            data: bytes = self._content.read1(min(len(buffer), self._chunk))  # type: ignore[union-attr]
        except EOFError as error:
            raise SourceError(f"the {self._method} data is truncated here") from error
        except (OSError, ValueError, MemoryError, zlib.error, lzma.LZMAError) as error:
            raise SourceError(f"the {self._method} data is damaged here") from error
        buffer[: len(data)] = data
        return len(data)


def read_exactly(stream: _Source, size: int) -> bytes:
    """The next bytes; fewer than size only at the end."""
    buffer = memoryview(bytearray(size))
    filled = 0
    while filled < size and (count := stream.readinto(buffer[filled:])):
        filled += count
    return bytes(buffer[:filled])
