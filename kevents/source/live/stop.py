"""Stopping from anywhere: a signal handler, another thread; whoever waits or reads comes back at once."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Interruptible(Protocol):
    def shutdown(self) -> None: ...


class Stop:
    """A wish to stop, made once. A pipe carries it: an Event's lock could be held when a signal handler comes."""

    def __init__(self) -> None:
        self._seen, self._said = os.pipe()
        self._reads: list[Interruptible] = []
        self._asked = False

    def ask(self) -> None:
        """Ask to stop; may be called from a signal handler, and again."""
        self._asked = True
        os.write(self._said, b"!")
        for read in list(self._reads):
            read.shutdown()

    @property
    def asked(self) -> bool:
        return self._asked

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until asked to stop; says whether that was so."""
        poll = select.poll()
        poll.register(self._seen, select.POLLIN)
        return bool(poll.poll(max(seconds, 0) * 1000)) or self._asked

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
        os.close(self._seen)
        os.close(self._said)
