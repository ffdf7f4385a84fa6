"""Helpers that write and read dumps."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from kevents.source.dump import reader
from kevents.source.dump.pieces import Block, Document, Piece, Problem, Skipped


def event(name: str = "web-1.18e9e724e31e1fb1", **fields: Any) -> dict[str, Any]:
    """A core/v1 Event as an API server sends it."""
    return {
        "apiVersion": "v1",
        "count": 7,
        "eventTime": None,
        "firstTimestamp": "2026-11-21T00:14:32Z",
        "involvedObject": {"kind": "Pod", "name": "web-1", "namespace": "shop"},
        "kind": "Event",
        "lastTimestamp": "2026-11-21T00:15:53Z",
        "message": "Back-off restarting failed container app",
        "metadata": {"name": name, "namespace": "shop", "uid": "24c7485a-5423-4c5b-ad73-9b0ea3e81e62"},
        "reason": "BackOff",
        "source": {"component": "kubelet", "host": "node-1"},
        "type": "Warning",
        **fields,
    }


def canonical(event: dict[str, Any]) -> dict[str, Any]:
    """The content of a Document for such an Event."""
    return {key: value for key, value in event.items() if key not in ("kind", "apiVersion")}


def pieces(data: bytes | str, **sizes: int) -> list[Piece]:
    """All pieces of a dump."""
    return list(reader.read(io.BytesIO(data.encode() if isinstance(data, str) else data), **sizes))


def expanded(pieces: Iterable[Piece]) -> Iterator[Document | Skipped | Problem]:
    """The pieces, with every block read as single documents."""
    for piece in pieces:
        if isinstance(piece, Block):
            yield from expanded(reader.documents(piece))
        else:
            yield piece


def read(data: bytes | str, **sizes: int) -> tuple[list[dict[str, Any]], dict[str, int], list[Problem]]:
    """The events of a dump, the counts of skipped content by reason, and the problems."""
    events: list[dict[str, Any]] = []
    skipped: dict[str, int] = {}
    problems: list[Problem] = []
    for piece in expanded(pieces(data, **sizes)):
        match piece:
            case Document():
                events.append(piece.event)
            case Skipped(reason, count):
                skipped[reason] = skipped.get(reason, 0) + count
            case Problem():
                problems.append(piece)
    return events, skipped, problems


def names(data: bytes | str, **sizes: int) -> list[str]:
    """The names of the events of a dump."""
    return [event["metadata"]["name"] for event in read(data, **sizes)[0]]
