"""Finds the events in a parsed document, however they are wrapped, listed or spelled.

`kevents.event.shape` defines which documents are events; this module looks for them inside of other documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kevents.escape import escape
from kevents.event.shape import is_event
from kevents.source.dump.canonical import to_document
from kevents.source.dump.pieces import Document, Problem, Skipped
from kevents.source.dump.unflatten import unflattened
from kevents.source.json_text import Json

_MAX_DEPTH = 6  # wrappers within wrappers
_SKIPPED_WATCH_LINES = {"DELETED": "deletions", "BOOKMARK": "bookmarks"}
_LOG_KEYS = {"level", "severity", "lvl", "msg", "log", "logger", "loglevel", "ts", "message", "MESSAGE", "textPayload"}
_AUDIT = "audit.k8s.io"

DocumentPiece = Document | Skipped | Problem


def events(
    document: Json, *, line: int = 1, kind: str | None = None, depth: int = _MAX_DEPTH
) -> Iterator[DocumentPiece]:
    """The events in the document. A document without events is skipped, with its kind as the reason.

    kind: of the items of the surrounding list; for documents without a kind of their own. depth: how many more wrappers
    to look into.
    """
    if isinstance(document, dict) and is_event(document, kind):
        yield to_document(document, line)
    else:
        yield from _unwrapped(document, line, kind, depth)


def kind_of_items(list_kind: object) -> str | None:
    """The kind of a list's items: `Pod` for PodList, None for List."""
    if not isinstance(list_kind, str) or not list_kind.endswith("List"):
        return None
    return list_kind.removesuffix("List") or None


def _unwrapped(document: Json, line: int, kind: str | None, depth: int) -> Iterator[DocumentPiece]:
    """The events in a document that is not an event itself."""
    if depth == 0 or not isinstance(document, dict | list):
        yield Skipped("non-document values")
    elif isinstance(document, list):
        yield from _list_events(document, line, kind, depth)
    elif _is_watch_line(document):
        yield from _watch_events(document, line, depth)
    elif (items := _list_items(document)) is not None:
        yield from _list_events(items, line, kind_of_items(document.get("kind")), depth)
    elif _is_eventrouter_document(document):
        yield from _eventrouter_events(document, line, depth)
    elif (unflattened_document := unflattened(document)) is not None:
        yield from events(unflattened_document, line=line, depth=depth - 1)
    elif isinstance(document.get("kind") or kind, str):
        yield Skipped(_kind(document, kind))
    else:
        yield from _nested_events(document, line, depth)


def _list_events(items: list[Any], line: int, kind: str | None, depth: int) -> Iterator[DocumentPiece]:
    if not items:
        yield Skipped("empty list")
    for item in items:
        yield from events(item, line=line, kind=kind, depth=depth - 1)


def _list_items(document: dict[str, Any]) -> list[Any] | None:
    """The items of a list of any kind, also with the keys before the 1.x JSON tags; `items: null` is an empty list."""
    for key in ("items", "Items"):
        if key in document and isinstance(document[key], list | None):
            kind = document.get("kind")
            if kind is None or kind_of_items(kind) or kind == "List":
                return document[key] or []
    return None


def _is_watch_line(document: dict[str, Any]) -> bool:
    line_type = document.get("type")
    return isinstance(line_type, str) and line_type.isupper() and isinstance(document.get("object"), dict)


def _watch_events(document: dict[str, Any], line: int, depth: int) -> Iterator[DocumentPiece]:
    line_type, content = document["type"], document["object"]
    if line_type in ("ADDED", "MODIFIED"):
        yield from events(content, line=line, depth=depth - 1)
    elif line_type == "ERROR":
        message = content.get("message")
        reason = escape(message)[:200] if isinstance(message, str) and message else "no reason given"
        yield Problem(f"the API server ended the watch: {reason}", line, None)
    else:
        yield Skipped(_SKIPPED_WATCH_LINES.get(line_type, "watch lines of unknown type"))


def _is_eventrouter_document(document: dict[str, Any]) -> bool:
    return isinstance(document.get("event"), dict) and ("verb" in document or "old_event" in document)


def _eventrouter_events(document: dict[str, Any], line: int, depth: int) -> Iterator[DocumentPiece]:
    """The old and the new state, which are two observations. If they are the same, it is a resync of the informer."""
    if document.get("verb") == "DELETED":
        yield Skipped("deletions")
        return
    old, new = document.get("old_event"), document["event"]
    if isinstance(old, dict) and old != new:
        yield from events(old, line=line, depth=depth - 1)
    yield from events(new, line=line, depth=depth - 1)


def _nested_events(document: dict[str, Any], line: int, depth: int) -> Iterator[DocumentPiece]:
    """The events in the values of a log pipeline's object: `{"kubernetes": {…}}`, `{"log": "{…}"}`."""
    has_events = False
    for value in document.values():
        inner = _parsed(value) if isinstance(value, str) else value
        if isinstance(inner, dict | list):
            for piece in events(inner, line=line, depth=depth - 1):
                if not isinstance(piece, Skipped) or piece.reason in _SKIPPED_WATCH_LINES.values():
                    has_events = True
                    yield piece
    if not has_events:
        yield Skipped("log lines" if _LOG_KEYS & document.keys() else "documents without a kind")


def _parsed(text: str) -> Json:
    """The JSON object in a string; None if there is none."""
    stripped = text.strip()
    if not (stripped.startswith("{") and stripped.endswith("}")):
        return None
    try:
        value: Json = json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    return value


def _kind(document: dict[str, Any], kind: str | None) -> str:
    if str(document.get("apiVersion")).startswith(_AUDIT):
        return "audit log lines"
    return escape(str(document.get("kind") or kind))[:60]
