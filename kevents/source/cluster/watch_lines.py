"""The lines of a watch → events as the server wrote them, mostly without decoding a line.

Lines end at a newline byte only: U+0085, U+2028 and their like are legal in messages.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

_HEADS = tuple(b'{"type":"%s","object":' % kind for kind in (b"ADDED", b"MODIFIED"))
_EVENT = b'{"kind":"Event","apiVersion":"v1",'
_ADDED, _MODIFIED = (head + _EVENT for head in _HEADS)
_ADDED_AT, _MODIFIED_AT = (len(head) for head in _HEADS)
_DELETED = b'{"type":"DELETED","object":{'

DELETIONS = "deletions"
BOOKMARKS = "bookmarks"
UNKNOWN = "lines of an unknown type"
NOT_JSON = "lines that are no JSON"
NO_EVENT = "objects that are no events"
TORN = "torn lines"


@dataclass
class WatchBatch:
    """What some lines held. status: of an ERROR line, behind which nothing was read."""

    documents: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    resource_version: int | None = None  # the highest that the last readable line has
    status: dict[str, Any] | None = None
    lines: int = 0


class WatchLines:
    """Cuts a stream into lines; what is no whole line yet waits for the rest."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, data: bytes) -> WatchBatch:
        """The whole lines that this piece completes."""
        batch = WatchBatch()
        end = data.rfind(b"\n")
        if end < 0:
            self._rest.append(data)
            return batch
        whole = b"".join((*self._rest, data[:end]))
        self._rest = [data[end + 1 :]] if end + 1 < len(data) else []
        _take(batch, whole.split(b"\n"))
        return batch

    def end(self) -> WatchBatch:
        """What the stream ended with: a last line without its newline, such as a Status body, or a torn one."""
        batch = WatchBatch()
        rest = b"".join(self._rest).strip()
        self._rest = []
        if rest:
            _take(batch, [rest])
            if batch.counts.pop(NOT_JSON, 0):
                batch.counts[TORN] += 1
        return batch


def _take(batch: WatchBatch, lines: list[bytes]) -> None:
    documents = batch.documents
    seen = 0
    for line in lines:
        if line.startswith(_MODIFIED) and line.endswith(b"}}"):
            documents.append(line[_MODIFIED_AT:-1])
        elif line.startswith(_ADDED) and line.endswith(b"}}"):
            documents.append(line[_ADDED_AT:-1])
        elif line.startswith(_DELETED):
            batch.counts[DELETIONS] += 1
        elif not _slowly(batch, line):
            break
        seen += 1
    batch.lines = seen
    for line in reversed(lines[:seen]):
        version = _version(line)
        if version is not None:
            batch.resource_version = version
            break


def _slowly(batch: WatchBatch, line: bytes) -> bool:
    """Take a line that does not look as lines do; says whether to go on behind it."""
    if not line.strip():
        return True
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        batch.counts[NOT_JSON] += 1
        return True
    if not isinstance(told, dict):
        batch.counts[UNKNOWN] += 1
        return True
    kind, found = told.get("type"), told.get("object")
    if kind == "ERROR" or told.get("kind") == "Status":
        batch.status = found if kind == "ERROR" and isinstance(found, dict) else told
        return False
    if kind in ("ADDED", "MODIFIED"):
        document = _document(found)
        if document is None:
            batch.counts[NO_EVENT] += 1
        else:
            batch.documents.append(document)
    else:
        batch.counts[{"BOOKMARK": BOOKMARKS, "DELETED": DELETIONS}.get(str(kind), UNKNOWN)] += 1
    return True


def _document(found: object) -> bytes | None:
    """The object of a line as a core/v1 Event, if it is one."""
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        return None
    if found.get("kind", "Event") != "Event" or found.get("apiVersion", "v1") != "v1":
        return None
    return json.dumps({"kind": "Event", "apiVersion": "v1", **found}).encode()


def _version(line: bytes) -> int | None:
    try:
        return int(json.loads(line)["object"]["metadata"]["resourceVersion"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
