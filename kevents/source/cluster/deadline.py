"""Limits the time of a response, even one that trickles in: the timeout of a socket starts over at each byte."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import urllib3

_LEAST_WAIT = 0.02  # seconds
_current = threading.local()  # the deadline of the request that a thread makes


class Deadline:
    """Shuts a connection down when reads have waited for this many seconds in total. Time between reads is free."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._left = seconds
        self._since: float | None = None  # when the current read started
        self._shutdown: Callable[[], object] = lambda: None
        self._done = threading.Event()
        threading.Thread(target=self._watch, name="deadline", daemon=True).start()

    @contextmanager
    def read(self, shutdown: Callable[[], object]) -> Iterator[None]:
        """Within the block, a function that ends the read may be called from another thread."""
        self._shutdown, self._since = shutdown, time.monotonic()
        try:
            yield
        finally:
            self._left, self._since = self._remaining(), None

    def restart(self) -> None:
        """Allow the full time again, because there was progress."""
        self._left = self.seconds

    def end(self) -> None:
        """End: nothing is read any more."""
        self._done.set()

    def _remaining(self) -> float:
        since = self._since
        return self._left if since is None else self._left - (time.monotonic() - since)

    def _watch(self) -> None:
        while not self._done.wait(max(self._remaining(), _LEAST_WAIT)):
            if self._since is not None and self._remaining() <= 0:
                self.is_over = True
                self._shutdown()
                return


@contextmanager
def limited(deadline: Deadline) -> Iterator[None]:
    """Within the block, the deadline limits the wait for the status and headers of a request of this thread."""
    _current.deadline = deadline
    try:
        yield
    finally:
        _current.deadline = None


def limit_headers(http: urllib3.PoolManager) -> None:
    """Make the connections of a pool manager obey `limited`."""
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    class PlainConnection(HTTPConnection):
        def getresponse(self) -> Any:
            return _limited_response(self.sock, super().getresponse)

    class TlsConnection(HTTPSConnection):
        def getresponse(self) -> Any:
            return _limited_response(self.sock, super().getresponse)

    plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": PlainConnection})
    tls = type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": TlsConnection})
    http.pool_classes_by_scheme = {"http": plain, "https": tls}


def _limited_response(connection: Any, getresponse: Callable[[], Any]) -> Any:
    deadline: Deadline | None = getattr(_current, "deadline", None)
    if deadline is None:
        return getresponse()

    def shutdown() -> None:
        with suppress(OSError, AttributeError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    with deadline.read(shutdown):
        return getresponse()
