"""The events that a cluster holds now for one object, or for a namespace: a list, as kubectl describe requests it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kevents.source.cluster.errors import ClusterError, of_answer, of_status
from kevents.source.cluster.list_body import ListBody, TornListError
from kevents.source.cluster.reflector import Asks
from kevents.source.cluster.updates import Cause, Scope

_PAGE = 500


def list_events(kube: Asks, scope: Scope, now: datetime, **fields: str) -> bytes:
    """The events of a scope whose involvedObject has these fields, one document per line. Raises ClusterError."""
    selector = ",".join(f"involvedObject.{name}={_escaped(value)}" for name, value in fields.items())
    query: dict[str, str | int] = {"limit": _PAGE} | ({"fieldSelector": selector} if selector else {})
    lines: list[bytes] = []
    while True:
        page = _Page(kube, scope, query, now)
        lines += [document.replace(b"\n", b" ") + b"\n" for document in page]
        if not page.token:
            return b"".join(lines)
        query["continue"] = page.token


class _Page:
    """One page; iterate for its documents, then look at the token of the next."""

    def __init__(self, kube: Asks, scope: Scope, query: dict[str, str | int], now: datetime) -> None:
        self.token: str | None = None
        self._request = f"list events in {scope}"
        self._answer = kube.get(scope.path, query)
        self._now = now

    def __iter__(self) -> Iterator[bytes]:
        answer = self._answer
        try:
            if answer.status != 200 or "json" not in answer.headers.get("Content-Type", ""):
                raise of_answer(answer.status, answer.headers, answer.error_body(), self._request, self._now)
            body = ListBody(answer.read)
            for document, _ in body:
                yield document
            if body.status is not None:
                raise of_status(body.status, self._request)
            self.token = body.token
        except TornListError as error:
            raise ClusterError(f"cannot {self._request}: {error}", cause=Cause.BROKEN) from error
        finally:
            answer.close()


def _escaped(value: str) -> str:
    r"""A value in a field selector, where `,`, `=` and `\` have a meaning of their own."""
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")
