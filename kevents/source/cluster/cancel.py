"""Stopping from anywhere: a signal handler, another thread; whoever waits or reads comes back at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from kevents.source.poll import Ready


class Interruptible(Protocol):
    def shutdown(self) -> None: ...


class Stop:
    """A wish to stop, made once. Sockets carry it: an Event's lock could be held when a signal handler comes."""

    def __init__(self) -> None:
        self._seen, self._said = socket.socketpair()  # Windows waits for no pipe
        self._said.setblocking(False)
        self._ready = Ready(self._seen.fileno())
        self._reads: list[Interruptible] = []
        self._asked = False

    def ask(self) -> None:
        """Ask to stop; may be called from a signal handler, and again."""
        self._asked = True
        with suppress(BlockingIOError):  # it was asked so often that nobody can miss it
            self._said.send(b"!")
        for read in list(self._reads):
            read.shutdown()

    @property
    def asked(self) -> bool:
        return self._asked

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until asked to stop; says whether that was so."""
        return self._ready.within(seconds) or self._asked

    @contextmanager
    def interrupts(self, read: Interruptible) -> Iterator[None]:
        """Within the block, being asked to stop ends the read."""
        self._reads.append(read)
        try:
            if self._asked:
                read.shutdown()
            yield
        finally:
            self._reads.remove(read)

    def __del__(self) -> None:
        self._seen.close()
        self._said.close()
