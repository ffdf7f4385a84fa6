"""Requests that failed, as sentences with a hint; and what the watcher must know of them to go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from kevents.errors import SourceError
from kevents.escape import escape
from kevents.source.cluster.updates import Cause

_MOST_QUOTED = 200  # characters of a server's own words
RBAC_HINT = "`kevents record --print-rbac` prints the ClusterRole that recording needs; an administrator can grant it."


class ClusterError(SourceError):
    """A request to a cluster that gave no events.

    lasting: not worth another try when it is the first thing that happens; retry_after: seconds, as the server asked.
    """

    def __init__(
        self,
        sentence: str,
        hint: str | None = None,
        *,
        cause: Cause,
        lasting: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence, hint)
        self.cause = cause
        self.lasting = lasting
        self.retry_after = retry_after


def of_answer(code: int, headers: Mapping[str, str], body: bytes, request: str, now: datetime) -> ClusterError:
    """What an answer other than 200 means. request: what was asked for, as in `list events in all namespaces`."""
    status = parse_status(body)
    failure = of_status({"code": code, **status} if status else _foreign(code, body), request)
    failure.retry_after = retry_after(headers.get("Retry-After"), now)
    return failure


def parse_status(body: bytes) -> dict[str, Any] | None:
    """The Status object of an API server, if the body is one."""
    try:
        status = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return status if isinstance(status, dict) and status.get("kind") == "Status" else None


def of_status(status: Mapping[str, Any], request: str) -> ClusterError:
    """What a Status means, or the stand-in for one that `_foreign` makes of any other answer."""
    code = status.get("code")
    reason = str(status.get("reason") or "")
    said = quoted(str(status.get("message") or reason or "no reason given"))
    lasting = isinstance(code, int) and code < 500
    if code == 410 or reason in ("Expired", "Gone"):
        return ClusterError(f"the version to {request} from has expired: {said}", cause=Cause.EXPIRED)
    if _is_ahead(status):
        return ClusterError(f"the server does not have the version to {request} from yet: {said}", cause=Cause.AHEAD)
    if code == 429:
        return ClusterError(f"the server asked to wait (429): {said}", cause=Cause.THROTTLED)
    sentence, hint, cause = f"cannot {request}: the server answered {code}: {said}", None, Cause.SERVER
    if code == 401:
        sentence, cause = f"the cluster did not accept the credentials (401): {said}", Cause.CREDENTIALS
        hint = "Log in again, or choose another user with --user or another context with --context."
    elif "foreign" in status:
        sentence, cause = f"cannot {request}: {said}", Cause.FOREIGN
        hint = "Something between here and the API server answered, such as a proxy; check the server's URL."
    elif code == 403:
        sentence, hint, cause = f"not allowed to {request} (403): {said}", RBAC_HINT, Cause.FORBIDDEN
    return ClusterError(sentence, hint, cause=cause, lasting=lasting)


def quoted(text: str) -> str:
    """A server's own words on one line, harmless and not too many."""
    line = escape(" ".join(text.split()))
    return line if len(line) <= _MOST_QUOTED else line[: _MOST_QUOTED - 1] + "…"


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, which may be a number or a date; None where it is absent or absurd."""
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


def _foreign(code: int, body: bytes) -> dict[str, Any]:
    """A stand-in for the Status that an answer should have had."""
    text = body[:4096].decode("utf-8", "replace").strip()
    if 300 <= code < 400:
        what = f"the answer was a redirect ({code}), as login pages send"
    elif text.startswith("<"):
        what = f"the answer was HTML ({code})"
    else:
        what = f"the answer was {code}" + (f", saying: {text}" if text else ", saying nothing")
    return {"code": code, "foreign": True, "message": what}
