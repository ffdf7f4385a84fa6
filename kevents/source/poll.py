"""Waiting for readable data with a timeout, on every platform."""

from __future__ import annotations

import select

# Linux and macOS have poll(), which accepts any descriptor. Windows only has select(), which only accepts sockets.
CAN_POLL_PIPES = hasattr(select, "poll")


class ReadPoll:
    """Waits until a descriptor has data to read or has reached its end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll() if CAN_POLL_PIPES else None
        if self._poll:
            self._poll.register(descriptor, select.POLLIN)

    def wait(self, seconds: float) -> bool:
        """Wait at most this long; True if there is something to read."""
        if self._poll:
            return bool(self._poll.poll(max(seconds, 0) * 1000))
        return bool(select.select([self._descriptor], [], [], max(seconds, 0))[0])
