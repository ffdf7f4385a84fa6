"""Waiting until there is something to read, on every system."""

from __future__ import annotations

import select

# macOS and Linux have poll, which takes any descriptor; Windows has select alone, which takes sockets alone
WAITS_FOR_PIPES = hasattr(select, "poll")


class Ready:
    """What tells when a descriptor has something to read, or has ended."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll() if WAITS_FOR_PIPES else None
        if self._poll:
            self._poll.register(descriptor, select.POLLIN)

    def within(self, seconds: float) -> bool:
        """Whether it has, within so many seconds."""
        if self._poll:
            return bool(self._poll.poll(max(seconds, 0) * 1000))
        return bool(select.select([self._descriptor], [], [], max(seconds, 0))[0])
