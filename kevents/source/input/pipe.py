"""Standard input that may never end: cut into pieces of whole documents, so that each can be stored when it came.

`kubectl get events -w -o json | kevents import -` is such a pipe. A piece ends between two documents, at a moment when
nothing more waits to be read; a dump that is one long document is one piece.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

from kevents.source.input.streams import Stream
from kevents.source.poll import WAITS_FOR_PIPES, Ready

_AGE = 1.0  # seconds after which a piece ends with the next document, or at once behind one
_LOOK = 0.2  # seconds between two looks whether to stop
_MOST_HEAD = 4 << 20  # bytes that the first document may take: an event has 1.5 MB at most
_WATCH = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"}
_decode = json.JSONDecoder().raw_decode


def is_pipe(stream: IO[Any]) -> bool:
    """Whether it is a pipe or a socket: what may stay quiet for long, and can be waited for, other than on Windows."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # no file of the system's
        return False
    return WAITS_FOR_PIPES and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode))


class Piped:
    """A pipe as pieces, each a stream of its own. stop: whether to end with what has come."""

    def __init__(
        self, descriptor: int, stop: Callable[[], bool], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.is_over = False
        self.line = 1  # of the input, where the present piece begins
        self._descriptor = descriptor
        self._stop = stop
        self.monotonic = monotonic
        self._ready = Ready(descriptor)

    def pieces(self) -> Iterator[Stream]:
        """The pieces, each to be read to its end before the next is asked for."""
        while not self.is_over:
            piece = _Piece(self)
            yield piece
            self.line += piece.lines

    def is_ready(self, seconds: float) -> bool:
        """Whether there is something to read, or the end, within so many seconds."""
        return self._ready.within(seconds)

    def wait(self, patience: float | None) -> bool:
        """Wait for something to read, for ever without patience; False if there is nothing, or stopping is asked."""
        end = None if patience is None else self.monotonic() + patience
        while not self._stop():
            left = _LOOK if end is None else min(_LOOK, end - self.monotonic())
            if self.is_ready(max(left, 0)):
                return True
            if end is not None and self.monotonic() >= end:
                return False
        return self.is_ready(0)

    def read(self, size: int) -> bytes:
        """What there is to read, up to so many bytes; b"" at the end."""
        data = os.read(self._descriptor, size)
        self.is_over = self.is_over or not data
        return data

    @property
    def stopping(self) -> bool:
        return self._stop()


class _Piece(Stream):
    """What is read until a document has ended, a second has passed and nothing waits."""

    def __init__(self, pipe: Piped) -> None:
        super().__init__()
        self.lines = 0
        self._pipe = pipe
        self._began: float | None = None
        self._head: bytearray | None = bytearray()  # until it is known what the first document is
        self._is_stream = False  # the first document is an event, or a line of a watch
        self._last = b""  # the last line, or its beginning
        self._is_done = False

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        if self._is_done or not self._has_more():
            self._is_done = True
            return 0
        data = self._pipe.read(len(buffer))
        self._look(data)
        self._is_done = not data
        buffer[: len(data)] = data
        return len(data)

    def _has_more(self) -> bool:
        """Wait until there is more; False where the piece ends here."""
        if not self._is_between:
            more = self._pipe.wait(None)
        else:
            passed = self._pipe.monotonic() - (self._began or 0)
            more = self._pipe.wait(max(_AGE - passed, 0))
        if not more and self._pipe.stopping:
            if self._began is not None and not self._is_stream:
                raise KeyboardInterrupt  # half of a dump is nothing to keep
            self._pipe.is_over = True
        return more

    @property
    def _is_between(self) -> bool:
        """Whether what was read ends with a document, so far as can be told without reading it all."""
        if not self._is_stream or not self._last.endswith(b"}\n"):
            return False
        return self._last == b"}\n" or _is_json(self._last)

    def _look(self, data: bytes) -> None:
        if self._began is None:
            self._began = self._pipe.monotonic()
        self.lines += data.count(b"\n")
        if self._head is not None:
            self._head += data
            self._is_stream = _begins_a_stream(self._head)
            data = bytes(self._head)
            if self._is_stream or not _may_begin_one(self._head):
                self._head = None
        if self._is_stream:
            recent = self._last + data
            self._last = recent[recent.rfind(b"\n", 0, len(recent) - 1) + 1 :]


def _may_begin_one(head: bytearray) -> bool:
    """Whether more of it may show that it is a stream: it is no list, and an event is not that long."""
    return len(head) < _MOST_HEAD and head[:64].lstrip().startswith(b"{") and b'"items"' not in head[:4096]


def _begins_a_stream(head: bytearray) -> bool:
    """Whether the first document is whole, and one of many: an indented one, or one on a line."""
    if b"}\n" not in head[-4:]:
        return False
    text = head.decode("utf-8", "replace").lstrip()
    try:
        document, _ = _decode(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(document, dict) or "items" in document:
        return False
    first = text.partition("\n")[0]
    is_regular = first.rstrip() != "{" or text[len(first) + 1 : len(first) + 2].isspace()
    return is_regular and (
        document.get("kind") == "Event" or document.get("type") in _WATCH or "involvedObject" in document
    )


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
