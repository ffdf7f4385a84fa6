"""The HTTP server: connections, threads, the script of faults, and the log of requests."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from tests.server.api import Api, EventStore
from tests.server.exchange import Exchange, Request, read_request

Fault = Callable[[Exchange, Api], bool | None]
When = str | Callable[[Request], bool]


@dataclass(frozen=True)
class LoggedRequest:
    """A request and when it was received."""

    at: float
    request: Request


class Server:
    """An API server on loopback. Faults are consumed in order, each by the first request that matches its `when`."""

    def __init__(self, etcd: EventStore, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.api = Api(etcd)
        self.log: list[LoggedRequest] = []
        self._script: list[tuple[When, Fault]] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self._tls = tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def script(self, *faults: Fault, when: When = "any") -> None:
        """Add faults, one for each request. when: `list`, `watch`, `any`, or a predicate of the request."""
        with self._lock:
            self._script.extend((when, fault) for fault in faults)

    @property
    def remaining_faults(self) -> int:
        return len(self._script)

    def requests(self, verb: str) -> list[LoggedRequest]:
        """The requests with this verb so far."""
        return [logged for logged in list(self.log) if logged.request.verb == verb]

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:  # the client does not trust the certificate
                connection.close()
                return
        with connection, connection.makefile("rb") as stream, contextlib.suppress(OSError):
            while request := read_request(stream):
                exchange = Exchange(request, connection, self._closing)
                self.log.append(LoggedRequest(time.monotonic(), request))
                fault = self._next_fault(request)
                if fault is None or fault(exchange, self.api) is False:
                    self.api.handle(exchange)
                if exchange.is_closed or self._closing.is_set():
                    return

    def _next_fault(self, request: Request) -> Fault | None:
        with self._lock:
            for index, (when, fault) in enumerate(self._script):
                if when in ("any", request.verb) or (callable(when) and when(request)):
                    del self._script[index]
                    return fault
        return None
