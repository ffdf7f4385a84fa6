"""Lists the current events of one object or namespace, with the same request as kubectl describe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kevents.source.cluster.errors import ClusterError, response_error, status_error
from kevents.source.cluster.list_body import InvalidListError, ListBody
from kevents.source.cluster.reflector import ApiClient
from kevents.source.cluster.updates import Cause, Scope

_PAGE_SIZE = 500


def list_events(kube: ApiClient, scope: Scope, now: datetime, **fields: str) -> bytes:
    """The events of a scope whose involvedObject has these fields, one document per line. Raises ClusterError."""
    selector = ",".join(f"involvedObject.{name}={_escaped(value)}" for name, value in fields.items())
    query: dict[str, str | int] = {"limit": _PAGE_SIZE} | ({"fieldSelector": selector} if selector else {})
    lines: list[bytes] = []
    while True:
        page = _Page(kube, scope, query, now)
        lines += [document.replace(b"\n", b" ") + b"\n" for document in page]
        if not page.continue_token:
            return b"".join(lines)
        query["continue"] = page.continue_token


class _Page:
    """One page of the list. Iterate for its documents; the token of the next page is available afterwards."""

    def __init__(self, kube: ApiClient, scope: Scope, query: dict[str, str | int], now: datetime) -> None:
        self.continue_token: str | None = None
        self._request = f"list events in {scope}"
        self._response = kube.get(scope.path, query)
        self._now = now

    def __iter__(self) -> Iterator[bytes]:
        response = self._response
        try:
            if not response.is_success:
                raise response_error(response.status, response.headers, response.error_body(), self._request, self._now)
            body = ListBody(response.read)
            for document, _ in body:
                yield document
            if body.status is not None:
                raise status_error(body.status, self._request)
            self.continue_token = body.continue_token
        except InvalidListError as error:
            raise ClusterError(f"cannot {self._request}: {error}", cause=Cause.BROKEN) from error
        finally:
            response.close()


def _escaped(value: str) -> str:
    r"""A value for a field selector, in which `,`, `=` and `\` are special."""
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")
