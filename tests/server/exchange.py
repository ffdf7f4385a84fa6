"""One request and the raw bytes of its response: complete, chunked, or broken in any way that HTTP allows."""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from tests.server.events import encode

REASONS = {200: "OK", 302: "Found", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 410: "Gone"}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    groups: tuple[str, ...] = ()  # Impersonate-Group may come several times
    body: bytes = b""

    @property
    def verb(self) -> str:
        """The verb for an API server: watch or list for events, get for anything else."""
        if not self.path.endswith("/events"):
            return "get"
        return "watch" if self.query.get("watch") in ("1", "true") else "list"

    @property
    def namespace(self) -> str | None:
        parts = self.path.split("/")
        return parts[4] if "namespaces" in parts else None


def read_request(stream: io.BufferedReader) -> Request | None:
    """The next request of a connection; None at its end, or if the client starts a TLS handshake."""
    if stream.peek(1)[:1] == b"\x16":
        return None
    first = stream.readline(65536).split()
    if len(first) < 2:
        return None
    headers: dict[str, str] = {}
    groups = []
    while (header := stream.readline(65536)) not in (b"\r\n", b"\n", b""):
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
        if name.strip().lower() == "impersonate-group":
            groups.append(value.strip())
    target = urlsplit(first[1].decode("latin-1"))
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(first[0].decode(), target.path, query, headers, tuple(groups), body)


class Exchange:
    """A request and the connection that waits for the response."""

    def __init__(self, request: Request, connection: socket.socket, closing: threading.Event) -> None:
        self.request = request
        self.is_closed = False  # whether the connection cannot be used any more
        self._connection = connection
        self._closing = closing

    def head(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Send the status and headers. A chunked body follows, unless Content-Length or Connection is given."""
        all_headers = {"Content-Type": "application/json", "Cache-Control": "no-cache, private"} | (headers or {})
        if all_headers.keys().isdisjoint({"Content-Length", "Connection"}):
            all_headers["Transfer-Encoding"] = "chunked"
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Something')}"]
        lines.extend(f"{name}: {value}" for name, value in all_headers.items())
        self.raw("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def respond(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Send a complete response with Content-Length."""
        self.head(status, {"Content-Length": str(len(body))} | (headers or {}))
        self.raw(body)

    def json(self, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.respond(status, encode(value), headers)

    def chunk(self, data: bytes) -> None:
        self.raw(b"%x\r\n%s\r\n" % (len(data), data))

    def chunks(self, pieces: list[bytes]) -> None:
        """Send each piece as a chunk of its own, as an API server does with events, in one write."""
        self.raw(b"".join([b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]))

    def end(self) -> None:
        self.raw(b"0\r\n\r\n")

    def raw(self, data: bytes) -> None:
        self._connection.sendall(data)

    def close(self) -> None:
        """Close the connection cleanly."""
        self.is_closed = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close with RST, like a peer that does not know the connection."""
        self.is_closed = True
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def hang(self, seconds: float = 3600) -> None:
        """Send nothing for this long, or until the server or the client closes the connection."""
        if isinstance(self._connection, ssl.SSLSocket):  # cannot be peeked
            self._closing.wait(seconds)
            return
        self._connection.settimeout(0.02)
        waited = 0.0
        while waited < seconds and not self._closing.is_set():
            waited += 0.02
            with contextlib.suppress(TimeoutError):
                if not self._connection.recv(1, socket.MSG_PEEK):
                    break
                self._closing.wait(0.02)
        self._connection.settimeout(None)

    @property
    def closing(self) -> bool:
        return self._closing.is_set()
