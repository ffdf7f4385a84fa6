"""The regular responses of an API server: events to list and watch, and enough discovery for kubectl."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from tests.server.events import encode, error_line, status
from tests.server.exchange import Exchange

_TICK = 0.05
_RESOURCE = {
    "name": "events",
    "singularName": "event",
    "namespaced": True,
    "kind": "Event",
    "verbs": ["get", "list", "watch"],
    "shortNames": ["ev"],
}
_PODS = {
    "name": "pods",
    "singularName": "pod",
    "namespaced": True,
    "kind": "Pod",
    "verbs": ["get"],
    "shortNames": ["po"],
}
_DISCOVERY = {
    "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [_RESOURCE, _PODS]},
    "/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.0", "platform": "linux/amd64"},
}
EXPIRED_TOKEN = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results."
)
TOO_OLD = "The resourceVersion for the provided watch is too old."


class EventStore(Protocol):
    """A store of events with versions: Etcd or Flood."""

    compacted: int

    @property
    def version(self) -> int: ...
    def snapshot(self, version: int | None = None) -> tuple[int, list[tuple[str, bytes]]] | None: ...
    def exact(self, version: int, namespace: str, name: str) -> list[Any]: ...
    def changes(self, after: int, namespace: str | None, wait: float) -> tuple[int, list[bytes]]: ...


class Api:
    """Serves a store. tokens: the accepted bearer tokens, None for any. objects: other resources, by path."""

    def __init__(self, etcd: EventStore) -> None:
        self.etcd = etcd
        self.tokens: set[str] | None = None
        self.objects: dict[str, object] = {}

    def handle(self, exchange: Exchange) -> None:
        """Respond to one request without a fault."""
        request = exchange.request
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens is not None and token not in self.tokens:
            exchange.json(status(401, "Unauthorized"), 401)
        elif request.verb == "list":
            self._list(exchange)
        elif request.verb == "watch":
            self.watch(exchange)
        elif request.path in self.objects:
            exchange.json(self.objects[request.path])
        elif request.path in _DISCOVERY:
            exchange.json(_DISCOVERY[request.path])
        else:
            exchange.json(status(404, "NotFound", "the server could not find the requested resource"), 404)

    def _list(self, exchange: Exchange) -> None:
        query = exchange.request.query
        if query.get("resourceVersionMatch") == "Exact":
            self._list_exact(exchange)
            return
        position = json.loads(base64.urlsafe_b64decode(query["continue"])) if query.get("continue") else None
        snapshot = self.etcd.snapshot(position["rv"] if position else None)
        if snapshot is None:
            token = _token(-1, position["start"] if position else 0)
            exchange.json(status(410, "Expired", EXPIRED_TOKEN, metadata={"continue": token}), 410)
            return
        version, events = snapshot
        namespace = exchange.request.namespace
        fields = dict(term.split("=", 1) for term in query.get("fieldSelector", "").split(",") if term)
        items = [item for in_namespace, item in events if namespace in (None, in_namespace) and _matches(item, fields)]
        start = position["start"] if position else 0
        stop = start + int(query.get("limit") or len(items) or 1)
        metadata: dict[str, object] = {"resourceVersion": str(version)}
        if stop < len(items):
            metadata |= {"continue": _token(version, stop), "remainingItemCount": len(items) - stop}
        opening = encode({"kind": "EventList", "apiVersion": "v1", "metadata": metadata})
        exchange.head()
        exchange.chunk(opening[:-1] + b',"items":[')
        page = items[start:stop]
        for first in range(0, len(page), 100):
            comma = b"," if first else b""
            exchange.chunk(comma + b",".join(page[first : first + 100]))
        exchange.chunk(b"]}\n")
        exchange.end()

    def _list_exact(self, exchange: Exchange) -> None:
        """One event as it was at a version: the only exact list that is supported."""
        query, namespace = exchange.request.query, exchange.request.namespace
        name, version = query["fieldSelector"].removeprefix("metadata.name="), int(query["resourceVersion"])
        if version < self.etcd.compacted:
            exchange.json(status(410, "Expired", "The resourceVersion for the provided list is too old."), 410)
            return
        metadata = {"resourceVersion": str(version)}
        items = self.etcd.exact(version, namespace or "", name)
        exchange.json({"kind": "EventList", "apiVersion": "v1", "metadata": metadata, "items": items})

    def watch(self, exchange: Exchange, finish: Callable[[int], bool] | None = None) -> bool:
        """Serve a watch until its time is up, or until `finish` returns true for the number of lines sent.

        Returns whether the stream was ended; after `finish`, the caller has to end it.
        """
        query = exchange.request.query
        position = int(query.get("resourceVersion") or self.etcd.version)
        exchange.head()
        if position < self.etcd.compacted:
            exchange.chunk(error_line(410, "Expired", TOO_OLD))
            exchange.end()
            return True
        until = time.monotonic() + float(query.get("timeoutSeconds") or 1800)
        sent = 0
        while not exchange.closing and (left := until - time.monotonic()) > 0:
            if finish and finish(sent):
                return False
            position, lines = self.etcd.changes(position, exchange.request.namespace, min(left, _TICK))
            if lines:
                exchange.chunks(lines)
                sent += len(lines)
        exchange.end()
        return True


def _matches(item: bytes, fields: dict[str, str]) -> bool:
    """Whether an event's object has these fields, the only ones that the field selectors of events use here."""
    reference = json.loads(item)["involvedObject"] if fields else {}
    return all(reference.get(path.removeprefix("involvedObject.")) == value for path, value in fields.items())


def _token(version: int, start: int) -> str:
    return base64.urlsafe_b64encode(encode({"v": "meta.k8s.io/v1", "rv": version, "start": start})).decode()
