"""An HTTP response whose body is read as it arrives, and the errors of connections."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kevents.source.cluster.deadline import Deadline
from kevents.source.cluster.errors import ClusterError, one_line
from kevents.source.cluster.updates import Cause
from kevents.source.poll import ReadPoll

if TYPE_CHECKING:
    from io import BufferedReader

    import urllib3

_MAX_READ = 256 << 10  # bytes
_MAX_ERROR_BODY = 64 << 10


class Response:
    """The status and headers of a response, and its body in pieces."""

    def __init__(
        self,
        response: urllib3.BaseHTTPResponse,
        server: str,
        mask: Callable[[bytes], bytes] = lambda body: body,
        deadline: Deadline | None = None,
    ) -> None:
        """mask: hides the secrets of the request in the body of an error, which may quote them.

        deadline: for the wait for the rest of the body; none by default.
        """
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._server = server
        self._mask = mask
        self._deadline = deadline
        self._failure: ClusterError | None = None
        # http.client's buffered reader, the only one that can peek; urllib3 has no public attribute for it
        self._buffer: BufferedReader | None = getattr(getattr(response, "_fp", None), "fp", None)
        self._poll: ReadPoll | None = None
        with contextlib.suppress(OSError, ValueError):  # an empty body has no connection any more
            self._poll = ReadPoll(response.fileno())

    @property
    def is_success(self) -> bool:
        """Whether the status is 200 and the body is JSON. A proxy's HTML page may have status 200, too."""
        return self.status == 200 and "json" in self.headers.get("Content-Type", "")

    def read(self) -> bytes:
        """The data that has arrived, waiting only if there is none; b"" at the end.

        An API server sends each event as a chunk of its own, so the chunks that have accumulated are joined.
        """
        if self._failure:
            raise self._failure
        first = data = self._read_some()
        pieces, size = [first], len(first)
        while data and size < _MAX_READ and self._has_next_piece():
            try:
                data = self._read_some()
            except ClusterError as failure:  # raised by the next call, after the data before it is returned
                self._failure = failure
                break
            pieces.append(data)
            size += len(data)
        return b"".join(pieces)

    def error_body(self) -> bytes:
        """The start of the body of an error response, with enough for an error message. Closes the response."""
        body = b""
        with contextlib.suppress(ClusterError):
            while len(body) < _MAX_ERROR_BODY and (data := self.read()):
                body += data
        self.close()
        return self._mask(body)

    def restart_deadline(self) -> None:
        """Allow the full time for the rest of the body, because there was progress."""
        if self._deadline:
            self._deadline.restart()

    def shutdown(self) -> None:
        """End a blocking read, from another thread or a signal handler."""
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            self._response.shutdown()

    def close(self) -> None:
        """Close the connection without reading the rest of the body."""
        if self._deadline:
            self._deadline.end()
        self._response.close()

    def _has_next_piece(self) -> bool:
        """Whether the next piece has started to arrive, so that reading it does not wait for a future event.

        The line end that closes a chunk may arrive alone. A read would consume it and then wait for the next event,
        while the events that have arrived are not returned. Peeking is one read of a socket that has data.
        """
        if self._buffer is None or self._poll is None or not self._poll.wait(0):
            return False
        try:
            return bool(self._buffer.peek(1)[:3].strip(b"\r\n"))
        except (OSError, ValueError):  # reported by the next read
            return False

    def _read_some(self) -> bytes:
        import urllib3

        deadline = self._deadline
        try:
            with deadline.read(self.shutdown) if deadline else contextlib.nullcontext():
                data = self._response.read1() or b""
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            if deadline and deadline.is_over:
                raise timeout_error(self._server, deadline.seconds) from error
            raise transport_error(error, self._server) from error
        if deadline and deadline.is_over:  # a body without a length ends with its connection
            raise timeout_error(self._server, deadline.seconds)
        return data


def timeout_error(server: str, seconds: float) -> ClusterError:
    """The ClusterError for a response that arrives too slowly."""
    return ClusterError(
        f"{one_line(server)} timed out: the response took longer than {seconds:g} s", cause=Cause.SILENT
    )


def transport_error(error: Exception, server: str) -> ClusterError:
    """The ClusterError for a connection that failed in any layer."""
    from urllib3 import exceptions

    server, reason = one_line(server), _reason(error)
    text = str(error).lower()
    if isinstance(error, exceptions.ReadTimeoutError):
        return ClusterError(f"the connection to {server} timed out", cause=Cause.SILENT)
    if isinstance(error, exceptions.SSLError) and "certificate" in text:
        sentence = f"the certificate of {server} is not trusted: {reason}"
        hint = "Check certificate-authority in the kubeconfig, and the clock of this machine."
    elif isinstance(error, exceptions.SSLError):
        sentence = f"the TLS connection to {server} failed: {reason}"
        hint = "Check the server URL (https or http?) and the client certificate in the kubeconfig."
    elif isinstance(error, _unreachable_errors()):
        is_refused = isinstance(error, exceptions.NewConnectionError) and "refused" in text
        sentence = f"{server} refused the connection" if is_refused else f"cannot reach {server}: {reason}"
        hint = "Check the cluster and VPN; `kubectl cluster-info` contacts the same server."
    else:
        return ClusterError(f"lost the connection to {server}: {reason}", cause=Cause.BROKEN)
    return ClusterError(sentence, hint, cause=Cause.UNREACHABLE, is_permanent=True)


def _unreachable_errors() -> tuple[type[Exception], ...]:
    from urllib3 import exceptions

    return (
        exceptions.ConnectTimeoutError,
        exceptions.NewConnectionError,  # includes names that do not resolve
        exceptions.ProxyError,
        exceptions.LocationValueError,
    )


def _reason(error: Exception) -> str:
    """The message of the innermost error, as worded by the operating system."""
    inner: BaseException = error
    while inner.args and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    return one_line(inner.strerror if isinstance(inner, OSError) and inner.strerror else str(inner))
