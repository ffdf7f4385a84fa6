"""Standard input that may never end, cut into pieces of complete documents that can be stored as they arrive.

An example is `kubectl get events -w -o json | kevents import -`. A piece ends between two documents, when no more data
is waiting. A dump that is one long document is one piece.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

from kevents.event.shape import is_event
from kevents.source.input.streams import Stream
from kevents.source.poll import CAN_POLL_PIPES, ReadPoll

_MAX_AGE = 1.0  # seconds after which a piece ends with the next document
_STOP_CHECK = 0.2  # seconds between two checks whether to stop
_MAX_HEAD = 4 << 20  # bytes: a longer first document is not an event, which has 1.5 MB at most
_WATCH_TYPES = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"}
_decode = json.JSONDecoder().raw_decode


def is_pipe(stream: IO[Any]) -> bool:
    """Whether the stream is a pipe or a socket, and can be polled. On Windows, pipes cannot."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # not a file of the operating system
        return False
    return CAN_POLL_PIPES and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode))


class PipeReader:
    """Reads a pipe in pieces, each of which is a stream. stop: whether to end with the data that has arrived."""

    def __init__(
        self, descriptor: int, stop: Callable[[], bool], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.is_over = False
        self.line = 1  # of the input, at which the current piece starts
        self._descriptor = descriptor
        self._stop = stop
        self.monotonic = monotonic
        self._poll = ReadPoll(descriptor)

    def pieces(self) -> Iterator[Stream]:
        """The pieces; each has to be read to its end before the next one is requested."""
        while not self.is_over:
            piece = _Piece(self)
            yield piece
            self.line += piece.lines

    def wait(self, timeout: float | None) -> bool:
        """Wait for data or the end of the pipe; None waits forever. False if there is none, or if it should stop."""
        end = None if timeout is None else self.monotonic() + timeout
        while not self._stop():
            left = _STOP_CHECK if end is None else min(_STOP_CHECK, end - self.monotonic())
            if self._poll.wait(left):
                return True
            if end is not None and self.monotonic() >= end:
                return False
        return self._poll.wait(0)

    def read(self, size: int) -> bytes:
        """The available data, at most this many bytes; b"" at the end."""
        data = os.read(self._descriptor, size)
        self.is_over = self.is_over or not data
        return data

    @property
    def is_stopping(self) -> bool:
        return self._stop()


class _Piece(Stream):
    """Ends when a document is complete, a second has passed and no data is waiting."""

    def __init__(self, pipe: PipeReader) -> None:
        super().__init__()
        self.lines = 0
        self._pipe = pipe
        self._started: float | None = None
        self._head: bytearray | None = bytearray()  # until the type of the first document is known
        self._is_stream = False  # whether the first document is an event or a line of a watch
        self._last_line = b""  # complete or not
        self._is_done = False

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        if self._is_done or not self._has_more():
            self._is_done = True
            return 0
        data = self._pipe.read(len(buffer))
        self._inspect(data)
        self._is_done = not data
        buffer[: len(data)] = data
        return len(data)

    def _has_more(self) -> bool:
        """Wait for more data; False if the piece ends here."""
        if not self._is_between_documents:
            has_more = self._pipe.wait(None)
        else:
            age = self._pipe.monotonic() - (self._started or 0)
            has_more = self._pipe.wait(max(_MAX_AGE - age, 0))
        if not has_more and self._pipe.is_stopping:
            if self._started is not None and not self._is_stream:
                raise KeyboardInterrupt  # half of a dump is not worth storing
            self._pipe.is_over = True
        return has_more

    @property
    def _is_between_documents(self) -> bool:
        """Whether the data ends with a complete document, as far as the last line shows."""
        if not self._is_stream or not self._last_line.endswith(b"}\n"):
            return False
        return self._last_line == b"}\n" or _is_json_object(self._last_line)

    def _inspect(self, data: bytes) -> None:
        if self._started is None:
            self._started = self._pipe.monotonic()
        self.lines += data.count(b"\n")
        if self._head is not None:
            self._head += data
            self._is_stream = _is_event_stream(self._head)
            data = bytes(self._head)
            if self._is_stream or not _may_be_event_stream(self._head):
                self._head = None
        if self._is_stream:
            recent = self._last_line + data
            self._last_line = recent[recent.rfind(b"\n", 0, len(recent) - 1) + 1 :]


def _may_be_event_stream(head: bytearray) -> bool:
    """Whether more data may show that this is a stream of events: so far it is not a list, and not too long."""
    return len(head) < _MAX_HEAD and head[:64].lstrip().startswith(b"{") and b'"items"' not in head[:4096]


def _is_event_stream(head: bytearray) -> bool:
    """Whether the first document is complete and an event or a watch line, either indented or on a line of its own."""
    if b"}\n" not in head[-4:]:
        return False
    text = head.decode("utf-8", "replace").lstrip()
    try:
        document, _ = _decode(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(document, dict) or "items" in document:
        return False
    first_line = text.partition("\n")[0]
    is_regular = first_line.rstrip() != "{" or text[len(first_line) + 1 : len(first_line) + 2].isspace()
    return is_regular and (is_event(document) or document.get("type") in _WATCH_TYPES)


def _is_json_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
