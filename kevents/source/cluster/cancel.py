"""Cancellation from a signal handler or another thread: waits and reads end immediately."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from kevents.source.poll import ReadPoll


class Interruptible(Protocol):
    """A read that can be ended from another thread."""

    def shutdown(self) -> None: ...


class CancelToken:
    """A request to stop, which cannot be withdrawn.

    It wakes waiting code through a socket and not through a threading.Event, because the code that a signal handler
    interrupts may hold the lock of the Event.
    """

    def __init__(self) -> None:
        self._receiver, self._sender = socket.socketpair()  # not a pipe: select() on Windows only accepts sockets
        self._sender.setblocking(False)
        self._poll = ReadPoll(self._receiver.fileno())
        self._reads: list[Interruptible] = []
        self._is_canceled = False

    def cancel(self) -> None:
        """Request to stop. May be called from a signal handler, and more than once."""
        self._is_canceled = True
        with suppress(BlockingIOError):  # the buffer is full, so the receiver is readable already
            self._sender.send(b"!")
        for read in list(self._reads):
            read.shutdown()

    @property
    def is_canceled(self) -> bool:
        return self._is_canceled

    def wait(self, seconds: float) -> bool:
        """Sleep until the time is up or the token is canceled; returns whether it is canceled."""
        return self._poll.wait(seconds) or self._is_canceled

    @contextmanager
    def interrupts(self, read: Interruptible) -> Iterator[None]:
        """Within the block, canceling ends the read."""
        self._reads.append(read)
        try:
            if self._is_canceled:
                read.shutdown()
            yield
        finally:
            self._reads.remove(read)

    def __del__(self) -> None:
        self._receiver.close()
        self._sender.close()
