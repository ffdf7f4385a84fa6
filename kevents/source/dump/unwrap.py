"""Any parsed document → the events in it, as core/v1 mappings: every wrapper, list and spelling in use.

What is an event is decided in `kevents.source.dump.canonical`; here it is found, however deep it is wrapped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kevents.escape import escape
from kevents.source.dump import canonical
from kevents.source.dump.pieces import Document, Json, Problem, Skipped
from kevents.source.dump.unflatten import unflattened

_DEPTH = 6  # wrappers within wrappers
_WATCH_SKIPPED = {"DELETED": "deletions", "BOOKMARK": "bookmarks"}
_LOG_KEYS = {"level", "severity", "lvl", "msg", "log", "logger", "loglevel", "ts", "message", "MESSAGE", "textPayload"}
_AUDIT = "audit.k8s.io"

Found = Document | Skipped | Problem


def events(document: Json, *, line: int = 1, kind: str | None = None) -> Iterator[Found]:
    """The events in the document; what holds none is skipped under its kind.

    kind: of the items of the list that the document stands in, where the list says so and the item does not.
    """
    if isinstance(document, dict) and canonical.is_event(document, kind):
        yield canonical.document(document, line)
    else:
        yield from _unwrapped(document, line, kind, _DEPTH)


def list_kind(kind: object) -> str | None:
    """What the items of a list are, by the list's kind: `Pod` for PodList, None for List."""
    return kind.removesuffix("List") or None if isinstance(kind, str) and kind.endswith("List") else None


def _unwrapped(document: Json, line: int, kind: str | None, depth: int) -> Iterator[Found]:
    """The events in a document that is none itself."""
    if depth == 0 or not isinstance(document, dict | list):
        yield Skipped("non-document values")
    elif isinstance(document, list):
        yield from _items(document, line, kind, depth)
    elif _is_watch_line(document):
        yield from _watched(document, line, depth)
    elif (items := _list_items(document)) is not None:
        yield from _items(items, line, list_kind(document.get("kind")), depth)
    elif _is_eventrouter(document):
        yield from _routed(document, line, depth)
    elif (flat := unflattened(document)) is not None:
        yield from _any(flat, line, None, depth - 1)
    elif isinstance(document.get("kind") or kind, str):
        yield Skipped(_kind_of(document, kind))
    else:
        yield from _inside(document, line, depth)


def _any(document: Json, line: int, kind: str | None, depth: int) -> Iterator[Found]:
    if isinstance(document, dict) and canonical.is_event(document, kind):
        yield canonical.document(document, line)
    else:
        yield from _unwrapped(document, line, kind, depth)


def _items(items: list[Any], line: int, kind: str | None, depth: int) -> Iterator[Found]:
    if not items:
        yield Skipped("empty list")
    for item in items:
        yield from _any(item, line, kind, depth - 1)


def _list_items(document: dict[str, Any]) -> list[Any] | None:
    """The items of a list of any kind, also from before the 1.x JSON tags; `items: null` is an empty list."""
    for key in ("items", "Items"):
        if key in document and isinstance(document[key], list | None):
            kind = document.get("kind")
            if kind is None or list_kind(kind) or kind == "List":
                return document[key] or []
    return None


def _is_watch_line(document: dict[str, Any]) -> bool:
    kind = document.get("type")
    return isinstance(kind, str) and kind.isupper() and isinstance(document.get("object"), dict)


def _watched(document: dict[str, Any], line: int, depth: int) -> Iterator[Found]:
    kind, thing = document["type"], document["object"]
    if kind in ("ADDED", "MODIFIED"):
        yield from _any(thing, line, None, depth - 1)
    elif kind == "ERROR":
        message = thing.get("message")
        said = escape(message)[:200] if isinstance(message, str) and message else "no reason given"
        yield Problem(f"the API server ended the watch: {said}", line, None)
    else:
        yield Skipped(_WATCH_SKIPPED.get(kind, "watch lines of unknown type"))


def _is_eventrouter(document: dict[str, Any]) -> bool:
    return isinstance(document.get("event"), dict) and ("verb" in document or "old_event" in document)


def _routed(document: dict[str, Any], line: int, depth: int) -> Iterator[Found]:
    """Both states are observations; where they are the same it is the informer's resync."""
    if document.get("verb") == "DELETED":
        yield Skipped("deletions")
        return
    old, new = document.get("old_event"), document["event"]
    if isinstance(old, dict) and old != new:
        yield from _any(old, line, None, depth - 1)
    yield from _any(new, line, None, depth - 1)


def _inside(document: dict[str, Any], line: int, depth: int) -> Iterator[Found]:
    """The events in the values of a log pipeline's object: `{"kubernetes": {…}}`, `{"log": "{…}"}`."""
    found = False
    for value in document.values():
        inner = _parsed(value) if isinstance(value, str) else value
        if isinstance(inner, dict | list):
            for piece in _any(inner, line, None, depth - 1):
                if not isinstance(piece, Skipped) or piece.reason in _WATCH_SKIPPED.values():
                    found = True
                    yield piece
    if not found:
        yield Skipped("log lines" if _LOG_KEYS & document.keys() else "documents without a kind")


def _parsed(text: str) -> Json:
    """What a string holds if that is a JSON object."""
    stripped = text.strip()
    if not (stripped.startswith("{") and stripped.endswith("}")):
        return None
    try:
        value: Json = json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    return value


def _kind_of(document: dict[str, Any], kind: str | None) -> str:
    if str(document.get("apiVersion")).startswith(_AUDIT):
        return "audit log lines"
    return escape(str(document.get("kind") or kind))[:60]
