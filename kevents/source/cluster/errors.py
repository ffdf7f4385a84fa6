"""Failed requests as error messages with a hint, and what a watcher has to know about them to continue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from kevents.errors import SourceError
from kevents.escape import escape
from kevents.source.cluster.updates import Cause
from kevents.url_credentials import mask_credentials

_MAX_LENGTH = 200  # characters of a server's own message
RBAC_HINT = "`kevents record --print-rbac` prints the ClusterRole that recording needs; an administrator can grant it."


class ClusterError(SourceError):
    """A request to a cluster that failed.

    is_permanent: retrying will not help, unless a request has succeeded before. retry_after: seconds, from the server.
    """

    def __init__(
        self,
        sentence: str,
        hint: str | None = None,
        *,
        cause: Cause,
        is_permanent: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence, hint)
        self.cause = cause
        self.is_permanent = is_permanent
        self.retry_after = retry_after


def response_error(code: int, headers: Mapping[str, str], body: bytes, request: str, now: datetime) -> ClusterError:
    """The error for a response other than 200. request: what was requested, such as `list events in all namespaces`."""
    status = parse_status(body)
    error = status_error({"code": code, **status} if status else _unknown_status(code, body), request)
    error.retry_after = retry_after(headers.get("Retry-After"), now)
    return error


def parse_status(body: bytes) -> dict[str, Any] | None:
    """The Status object in the body of an API server's response, if there is one."""
    try:
        status = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return status if isinstance(status, dict) and status.get("kind") == "Status" else None


def status_error(status: Mapping[str, Any], request: str) -> ClusterError:
    """The error for a Status, or for the mapping that `_unknown_status` makes of any other response."""
    code = status.get("code")
    reason = str(status.get("reason") or "")
    message = one_line(str(status.get("message") or reason or "no reason given"))
    is_permanent = isinstance(code, int) and code < 500
    if code == 410 or reason in ("Expired", "Gone"):
        return ClusterError(f"resource version expired (410): {message}", cause=Cause.EXPIRED)
    if _is_ahead(status):
        return ClusterError(f"the server is behind the last seen resource version: {message}", cause=Cause.AHEAD)
    if code == 429:
        return ClusterError(f"the server throttled the request (429): {message}", cause=Cause.THROTTLED)
    sentence, hint, cause = f"cannot {request}: the server returned {code}: {message}", None, Cause.SERVER
    if code == 401:
        sentence, cause = f"the cluster rejected the credentials (401): {message}", Cause.CREDENTIALS
        hint = "Log in again, or select another user with --user or another context with --context."
    elif "unknown" in status:
        sentence, cause = f"cannot {request}: {message}", Cause.FOREIGN
        hint = "Something other than the API server answered (a proxy?). Check the server URL."
    elif code == 403:
        sentence, hint, cause = f"not allowed to {request} (403): {message}", RBAC_HINT, Cause.FORBIDDEN
    return ClusterError(sentence, hint, cause=cause, is_permanent=is_permanent)


def one_line(text: str) -> str:
    """Untrusted text on one line, shortened and safe to print, without the credentials of URLs and headers."""
    line = escape(mask_credentials(" ".join(text.split())))
    return line if len(line) <= _MAX_LENGTH else line[: _MAX_LENGTH - 1] + "…"


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, which may be a number or a date; None if it is missing or invalid."""
    if value is None:
        return None
    try:
        return max(float(int(value)), 0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0)


def _is_ahead(status: Mapping[str, Any]) -> bool:
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return any(
        isinstance(cause, dict) and cause.get("reason") == "ResourceVersionTooLarge"
        for cause in (causes if isinstance(causes, list) else [])
    ) or "Too large resource version" in str(status.get("message"))


def _unknown_status(code: int, body: bytes) -> dict[str, Any]:
    """A mapping like a Status, for a response without one."""
    text = body[:4096].decode("utf-8", "replace").strip()
    if 300 <= code < 400:
        message = f"the response is a redirect ({code}), perhaps to a login page"
    elif text.startswith("<"):
        message = f"the response is HTML ({code})"
    else:
        message = f"the response is {code} " + (f"with the text: {text}" if text else "without a body")
    return {"code": code, "unknown": True, "message": message}
