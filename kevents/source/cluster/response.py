"""An answer over HTTP as raw bytes, read as they arrive; and what it means when none comes."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kevents.source.cluster.errors import ClusterError, quoted
from kevents.source.cluster.updates import Cause
from kevents.source.poll import Ready

if TYPE_CHECKING:
    from io import BufferedReader

    import urllib3

_ENOUGH = 256 << 10  # bytes handed on at once
_LONGEST_ERROR = 64 << 10


class Response:
    """The status and headers of an answer, and its body piece by piece."""

    def __init__(self, response: urllib3.BaseHTTPResponse, server: str) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._server = server
        self._failure: ClusterError | None = None
        # http.client's buffered reader, which alone can look ahead; urllib3 offers no public way to it
        self._ahead: BufferedReader | None = getattr(getattr(response, "_fp", None), "fp", None)
        self._ready: Ready | None = None
        with contextlib.suppress(OSError, ValueError):  # a body without bytes has no connection any more
            self._ready = Ready(response.fileno())

    def read(self) -> bytes:
        """What has arrived, waiting only while that is nothing; b"" at the end.

        An API server sends every event as a chunk of its own, so what has piled up is taken together.
        """
        if self._failure:
            raise self._failure
        first = data = self._some()
        pieces, size = [first], len(first)
        while data and size < _ENOUGH and self._has_begun():
            try:
                data = self._some()
            except ClusterError as failure:  # what came before it is whole
                self._failure = failure
                break
            pieces.append(data)
            size += len(data)
        return b"".join(pieces)

    def _has_begun(self) -> bool:
        """Whether another piece has begun to arrive, so that reading it waits for nothing that is yet to happen.

        The line end that closes a chunk may come alone: a read would take it and then wait for the next event, holding
        back those that are here. Looking ahead is one read of the socket, which has something to give.
        """
        if self._ahead is None or self._ready is None or not self._ready.within(0):
            return False
        try:
            return bool(self._ahead.peek(1)[:3].strip(b"\r\n"))
        except (OSError, ValueError):  # the next read tells
            return False

    def error_body(self) -> bytes:
        """The body of an answer that is an error, as far as anybody needs it."""
        body = b""
        with contextlib.suppress(ClusterError):
            while len(body) < _LONGEST_ERROR and (data := self.read()):
                body += data
        self.close()
        return body

    def shutdown(self) -> None:
        """End a read that waits, from another thread or a signal handler."""
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            self._response.shutdown()

    def close(self) -> None:
        """Give up the rest of the body, and the connection with it."""
        self._response.close()

    def _some(self) -> bytes:
        import urllib3

        try:
            return self._response.read1() or b""
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise transport_error(error, self._server) from error


def transport_error(error: Exception, server: str) -> ClusterError:
    """A failure of the connection, of whatever layer, as a sentence."""
    from urllib3 import exceptions

    at, reason = quoted(server), _reason(error)
    said = str(error).lower()
    if isinstance(error, exceptions.ReadTimeoutError):
        return ClusterError(f"{at} has gone silent", cause=Cause.SILENT)
    if isinstance(error, exceptions.SSLError) and "certificate" in said:
        sentence = f"the certificate of {at} is not trusted: {reason}"
        hint = "Check the cluster's certificate-authority in the kubeconfig, and the clock of this machine."
    elif isinstance(error, exceptions.SSLError):
        sentence = f"no TLS connection with {at}: {reason}"
        hint = "Check the server's URL (https or http?) and the client certificate in the kubeconfig."
    elif isinstance(error, _unreachable()):
        refused = isinstance(error, exceptions.NewConnectionError) and "refused" in said
        sentence = f"{at} refused the connection" if refused else f"{at} cannot be reached: {reason}"
        hint = "Is the cluster up, and the VPN? `kubectl cluster-info` asks the same server."
    else:
        return ClusterError(f"the connection with {at} broke: {reason}", cause=Cause.BROKEN)
    return ClusterError(sentence, hint, cause=Cause.UNREACHABLE, lasting=True)


def _unreachable() -> tuple[type[Exception], ...]:
    from urllib3 import exceptions

    return (
        exceptions.ConnectTimeoutError,
        exceptions.NewConnectionError,  # also of names that do not resolve
        exceptions.ProxyError,
        exceptions.LocationValueError,
    )


def _reason(error: Exception) -> str:
    """The innermost reason of an error, as the system worded it."""
    inner: BaseException = error
    while inner.args and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    said = inner.strerror if isinstance(inner, OSError) and inner.strerror else str(inner)
    return quoted(said)
