"""Makes API objects readable that are nested too deeply, and names those that stay unreadable.

An API server accepts `managedFields` of thousands of levels. They are never stored, so they can be cut out unread.
"""

from __future__ import annotations

import json

from kevents.source.cluster.errors import one_line
from kevents.source.json_depth import is_too_deep
from kevents.source.json_scan import find_member, without_member

_MANAGED_FIELDS = (b"metadata", b"managedFields")
WATCH_OBJECT = (b"object",)  # the path of the object in a line of a watch


def shallow(document: bytes, object_path: tuple[bytes, ...] = ()) -> bytes | None:
    """The document, without the managedFields of its object if it is too deep; None if it is too deep even then."""
    if not is_too_deep(document):
        return document
    document = without_member(document, (*object_path, *_MANAGED_FIELDS))
    return None if is_too_deep(document) else document


def name_of(document: bytes, object_path: tuple[bytes, ...] = ()) -> str | None:
    """The namespace and name of an object in a document of any depth, safe to print; None if it has no name."""
    namespace = _text(document, (*object_path, b"metadata", b"namespace"))
    name = _text(document, (*object_path, b"metadata", b"name"))
    return one_line(f"{namespace}/{name}" if namespace else name) if name else None


def resource_version(document: bytes, object_path: tuple[bytes, ...] = ()) -> int | None:
    """The resourceVersion of an object in a document of any depth."""
    try:
        return int(_text(document, (*object_path, b"metadata", b"resourceVersion")))
    except ValueError:
        return None


def _text(document: bytes, path: tuple[bytes, ...]) -> str:
    member = find_member(document, path)
    try:
        value = json.loads(document[member.value : member.end]) if member else None
    except (ValueError, RecursionError):
        return ""
    return value if isinstance(value, str) else ""
