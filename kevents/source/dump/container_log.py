"""Unwraps container logs: the lines that Docker (JSON) and CRI runtimes (`TIME stdout F …`) add a wrapper to."""

from __future__ import annotations

import io
import json
import re

from kevents.errors import SourceError
from kevents.source.dump.utf8 import Utf8Stream

_TIME = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)"
_CRI = re.compile(_TIME + rb" (stdout|stderr) ([FP])(?::\S*)? ?(.*)", re.DOTALL)
_DOCKER = (b'{"log":"', b'{"log": "')
_CHUNK = 1 << 20
_LINE_LIMIT = 16 << 20


def is_wrapped(head: bytes) -> bool:
    """Whether one of the first lines has a container runtime's wrapper."""
    return any(line.startswith(_DOCKER) or _CRI.match(line) for line in head.split(b"\n", 20)[:20])


class UnwrappedLog(io.RawIOBase):
    """The text that the containers wrote, read from their logs.

    Lines that the runtime split are joined. Blank lines follow them, so that line numbers stay those of the file.
    """

    def __init__(self, stream: Utf8Stream) -> None:
        super().__init__()
        self._stream = stream
        self._tail = b""  # the incomplete last line of the input
        self._output = b""
        self._parts: dict[bytes, list[bytes]] = {}  # of incomplete lines, by stream (stdout, stderr)
        self._pending_newlines = 0  # input lines without an output line so far
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        while not self._output and not self._ended:
            self._output = self._next()
        if not self._output and self._stream.failure:
            raise SourceError(self._stream.failure)
        size = min(len(buffer), len(self._output))
        buffer[:size] = self._output[:size]
        self._output = self._output[size:]
        return size

    def _next(self) -> bytes:
        data = self._stream.read(_CHUNK)
        self._ended = len(data) < _CHUNK
        lines = (self._tail + data).split(b"\n")
        self._tail = lines.pop()
        output = [self._line(line) for line in lines]
        if self._ended or len(self._tail) > _LINE_LIMIT:
            output.append(self._line(self._tail) if self._tail else b"")
            self._tail = b""
        if self._ended:
            output += [b"".join(parts) for parts in self._parts.values()]
        return b"".join(output)

    def _line(self, line: bytes) -> bytes:
        """The output for one line of the file; nothing if the container's line continues after it."""
        self._pending_newlines += 1
        stream, text, is_complete = _unwrap(line)
        parts = self._parts.setdefault(stream, [])
        parts.append(text)
        if not is_complete and sum(map(len, parts)) < _LINE_LIMIT:
            return b""
        del self._parts[stream]
        newlines, self._pending_newlines = self._pending_newlines, 0
        return b"".join(parts) + b"\n" * newlines


def _unwrap(line: bytes) -> tuple[bytes, bytes, bool]:
    """The line's stream, its text, and whether the text is complete. A line without a wrapper is returned unchanged."""
    if line.startswith(_DOCKER):
        try:
            wrapper = json.loads(line)
        except (ValueError, RecursionError):
            return b"", line, True
        log = wrapper.get("log")
        if isinstance(log, str) and wrapper.keys() <= {"log", "stream", "time", "attrs"}:
            text = log.encode("utf-8", "replace")
            return str(wrapper.get("stream")).encode(), text.removesuffix(b"\n"), text.endswith(b"\n")
    elif match := _CRI.fullmatch(line.removesuffix(b"\r")):
        return match[1], match[3], match[2] == b"F"
    return b"", line, True
