"""Faults for the script of a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.server.api import Api
from tests.server.events import encode, error_line
from tests.server.events import status as status_object
from tests.server.exchange import Exchange
from tests.server.server import Fault

HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"


def status(code: int, reason: str = "", headers: dict[str, str] | None = None, **more: Any) -> Fault:
    """A Status with the same HTTP status code, such as 410 Expired, 403 Forbidden, 429 TooManyRequests."""
    return lambda exchange, _: exchange.json(status_object(code, reason, **more), code, headers)


def html(code: int = 502) -> Fault:
    """The error page of a proxy without a backend."""
    return lambda exchange, _: exchange.respond(code, HTML, {"Content-Type": "text/html"})


def status_with_200(code: int, reason: str) -> Fault:
    """HTTP 200 with a single Status as the body of a watch."""
    return lambda exchange, _: exchange.json(status_object(code, reason))


def in_stream(code: int, reason: str, **more: Any) -> Fault:
    """A watch whose first line is an error."""
    return sends(error_line(code, reason, **more))


def sends(*pieces: bytes) -> Fault:
    """A watch that consists of exactly these bytes."""

    def fault(exchange: Exchange, _: Api) -> None:
        exchange.head()
        exchange.chunks(list(pieces))
        exchange.end()

    return fault


def ends_at_once() -> Fault:
    return sends()


def serves(lines: int, then: Callable[[Exchange], None]) -> Fault:
    """A regular watch for at least this number of lines, and then something else."""

    def fault(exchange: Exchange, api: Api) -> None:
        if not api.watch(exchange, lambda sent: sent >= lines):
            then(exchange)

    return fault


def resets() -> Fault:
    """A connection that is reset instead of a response."""
    return lambda exchange, _: exchange.reset()


def silent() -> Fault:
    """A request without a response."""

    def fault(exchange: Exchange, _: Api) -> None:
        exchange.hang()
        exchange.close()

    return fault


def late(seconds: float, then: Fault) -> Fault:
    """A delayed response."""

    def fault(exchange: Exchange, api: Api) -> bool | None:
        exchange.hang(seconds)
        return then(exchange, api)

    return fault


def unchunked(*lines: bytes) -> Fault:
    """A watch without chunks or Content-Length, whose body ends with the connection."""

    def fault(exchange: Exchange, _: Api) -> None:
        exchange.head(200, {"Connection": "close"})
        exchange.raw(b"".join(lines))
        exchange.close()

    return fault


def replays(head: bytes, body: bytes) -> Fault:
    """Captured bytes: the original header lines, and the body in chunks or with its length, as the headers specify."""

    def fault(exchange: Exchange, _: Api) -> None:
        lines = head.replace(b"HTTP/2 ", b"HTTP/1.1 ").strip().splitlines()
        lengths = b"".join(lines).lower()
        chunked = b"content-length" not in lengths
        if chunked and b"transfer-encoding" not in lengths:
            lines.append(b"Transfer-Encoding: chunked")
        exchange.raw(b"\r\n".join(lines) + b"\r\n\r\n")
        if chunked:
            exchange.chunks([body[at : at + 4096] for at in range(0, len(body), 4096)])
            exchange.end()
        else:
            exchange.raw(body)

    return fault


# How a watch continues after the lines of `serves`.


def quiet_end(exchange: Exchange) -> None:
    exchange.end()


def reset(exchange: Exchange) -> None:
    exchange.reset()


def stall(exchange: Exchange) -> None:
    exchange.hang()
    exchange.close()


def reset_in_mid_line(data: bytes) -> Callable[[Exchange], None]:
    """Part of a line in a complete chunk, then a reset."""

    def then(exchange: Exchange) -> None:
        exchange.chunk(data)
        exchange.hang(0.05)  # otherwise the reset would overtake the data
        exchange.reset()

    return then


def truncated_chunk(data: bytes) -> Callable[[Exchange], None]:
    """A chunk that is shorter than announced, then a clean close."""

    def then(exchange: Exchange) -> None:
        exchange.raw(b"%x\r\n%s" % (len(data) + 100, data))
        exchange.close()

    return then


def end_in_mid_line(data: bytes) -> Callable[[Exchange], None]:
    """Part of a line, then the regular end of the body."""

    def then(exchange: Exchange) -> None:
        exchange.chunk(data)
        exchange.end()

    return then


def too_large() -> dict[str, Any]:
    """The details of a 504 for a version that the server does not know yet."""
    return {"details": {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]}}


def bookmark(version: int) -> bytes:
    """A BOOKMARK line."""
    event = {"kind": "Event", "apiVersion": "v1", "metadata": {"resourceVersion": str(version)}}
    return encode({"type": "BOOKMARK", "object": event}) + b"\n"
