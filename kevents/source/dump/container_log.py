"""Container logs: the lines that Docker (JSON) and the CRI (`TIME stdout F …`) wrap are given out as they were."""

from __future__ import annotations

import io
import json
import re

from kevents.errors import SourceError
from kevents.source.dump.utf8 import Feed

_TIME = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)"
_CRI = re.compile(_TIME + rb" (stdout|stderr) ([FP])(?::\S*)? ?(.*)", re.DOTALL)
_DOCKER = (b'{"log":"', b'{"log": "')
_CHUNK = 1 << 20
_LINE_LIMIT = 16 << 20


def is_wrapped(head: bytes) -> bool:
    """Whether one of the first lines is one that a container runtime has wrapped."""
    return any(line.startswith(_DOCKER) or _CRI.match(line) for line in head.split(b"\n", 20)[:20])


class Unwrapped(io.RawIOBase):
    """A feed of container logs as the text that the containers wrote.

    Lines that came in parts are joined; blank lines after them keep the numbers of all lines as they are in the file.
    """

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self._feed = feed
        self._tail = b""  # of the feed: a line that is not complete yet
        self._ready = b""
        self._parts: dict[bytes, list[bytes]] = {}  # by stream: standard output and error are mixed
        self._owed = 0  # lines taken and not given out yet
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            self._ready = self._next()
        if not self._ready and self._feed.failure:
            raise SourceError(self._feed.failure)
        got = min(len(buffer), len(self._ready))
        buffer[:got] = self._ready[:got]
        self._ready = self._ready[got:]
        return got

    def _next(self) -> bytes:
        data = self._feed.read(_CHUNK)
        self._ended = len(data) < _CHUNK
        lines = (self._tail + data).split(b"\n")
        self._tail = lines.pop()
        given = [self._line(line) for line in lines]
        if self._ended or len(self._tail) > _LINE_LIMIT:
            given.append(self._line(self._tail) if self._tail else b"")
            self._tail = b""
        if self._ended:
            given += [b"".join(parts) for parts in self._parts.values()]
        return b"".join(given)

    def _line(self, line: bytes) -> bytes:
        """The text of one line of the file, or nothing as long as it goes on."""
        self._owed += 1
        stream, text, complete = _unwrap(line)
        parts = self._parts.setdefault(stream, [])
        parts.append(text)
        if not complete and sum(map(len, parts)) < _LINE_LIMIT:
            return b""
        del self._parts[stream]
        owed, self._owed = self._owed, 0
        return b"".join(parts) + b"\n" * owed


def _unwrap(line: bytes) -> tuple[bytes, bytes, bool]:
    """The stream of a line, its text, and whether it ends there. A line without a wrapper is its own text."""
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
