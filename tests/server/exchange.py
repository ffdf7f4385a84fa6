"""One request and the raw bytes of its answer: whole, chunked, or broken in any way that HTTP can break."""

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
        """What an API server would call it: watch, list of events, or get of something else."""
        if not self.path.endswith("/events"):
            return "get"
        return "watch" if self.query.get("watch") in ("1", "true") else "list"

    @property
    def namespace(self) -> str | None:
        parts = self.path.split("/")
        return parts[4] if "namespaces" in parts else None


def read_request(stream: io.BufferedReader) -> Request | None:
    """The next request of a connection, or None at its end or where a client says hello in TLS."""
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
    """A request and the connection that waits for its answer."""

    def __init__(self, request: Request, connection: socket.socket, closing: threading.Event) -> None:
        self.request = request
        self.over = False  # whether the connection is of no use any more
        self._connection = connection
        self._closing = closing

    def head(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Send the status and headers; a body in chunks follows unless they say how long it is or that it closes."""
        all_headers = {"Content-Type": "application/json", "Cache-Control": "no-cache, private"} | (headers or {})
        if all_headers.keys().isdisjoint({"Content-Length", "Connection"}):
            all_headers["Transfer-Encoding"] = "chunked"
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Something')}"]
        lines.extend(f"{name}: {value}" for name, value in all_headers.items())
        self.raw("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """A whole answer with its length."""
        self.head(status, {"Content-Length": str(len(body))} | (headers or {}))
        self.raw(body)

    def json(self, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.answer(status, encode(value), headers)

    def chunk(self, data: bytes) -> None:
        self.raw(b"%x\r\n%s\r\n" % (len(data), data))

    def chunks(self, pieces: list[bytes]) -> None:
        """Every piece as a chunk of its own, as an API server sends events, written together."""
        self.raw(b"".join([b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]))

    def end(self) -> None:
        self.raw(b"0\r\n\r\n")

    def raw(self, data: bytes) -> None:
        self._connection.sendall(data)

    def close(self) -> None:
        """Close in an orderly way."""
        self.over = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """RST, as from a peer that does not know the connection."""
        self.over = True
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def hang(self, seconds: float = 3600) -> None:
        """Say nothing for so long, or until the server is closed or the client goes away."""
        if isinstance(self._connection, ssl.SSLSocket):  # which cannot be looked into without reading
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
