"""Splits a watch stream into lines and extracts the events, in most cases without decoding them.

Only a newline byte ends a line: U+0085, U+2028 and similar characters are legal in messages.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from kevents.event.shape import is_api_event
from kevents.event.version import EventVersion
from kevents.source.cluster.shallow import WATCH_OBJECT, name_of, resource_version, shallow

_EVENT_LINES = tuple(
    b'{"type":"%s","object":{"kind":"Event","apiVersion":"v1",' % line_type for line_type in (b"MODIFIED", b"ADDED")
)
_DELETED_LINE = b'{"type":"DELETED","object":{'

# keys of the counts in a store's catalog, so they must not change
DELETIONS = "deletions"
BOOKMARKS = "bookmarks"
UNKNOWN = "lines of an unknown type"
INVALID_JSON = "lines that are no JSON"
NON_EVENTS = "objects that are no events"
TRUNCATED = "torn lines"
TOO_DEEP = "events that are nested too deeply"


@dataclass
class WatchBatch:
    """The content of some lines.

    status: from an ERROR line, after which nothing was read. too_deep: the name of the first event that is too deep.
    """

    documents: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    resource_version: int | None = None  # of the last readable line, which has the highest
    status: dict[str, Any] | None = None
    lines: int = 0
    too_deep: str | None = None

    @property
    def last_event(self) -> EventVersion | None:
        """The version of the last event."""
        return EventVersion.of_event(json.loads(self.documents[-1])) if self.documents else None


class WatchLines:
    """Splits a stream into lines. An incomplete line is kept until the rest arrives."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, data: bytes) -> WatchBatch:
        """The lines that these bytes complete."""
        batch = WatchBatch()
        end = data.rfind(b"\n")
        if end < 0:
            self._rest.append(data)
            return batch
        complete = b"".join((*self._rest, data[:end]))
        self._rest = [data[end + 1 :]] if end + 1 < len(data) else []
        _add_lines(batch, complete.split(b"\n"))
        return batch

    def end(self) -> WatchBatch:
        """The last line of the stream if it has no newline: a Status body, or a truncated line."""
        batch = WatchBatch()
        rest = b"".join(self._rest).strip()
        self._rest = []
        if rest:
            _add_lines(batch, [rest])
            if batch.counts.pop(INVALID_JSON, 0):
                batch.counts[TRUNCATED] += 1
        return batch


def is_event_line(line: bytes) -> bool:
    """Fast path of `is_api_event` for a line as API servers write them: ADDED or MODIFIED with a core/v1 Event.

    All other lines are decoded. A truncated line that happens to end in `}}` is recognized, too.
    """
    return line.startswith(_EVENT_LINES) and line.endswith(b"}}")


def _add_lines(batch: WatchBatch, lines: list[bytes]) -> None:
    added = 0
    for original in lines:
        line = shallow(original, WATCH_OBJECT)
        if line is None:
            batch.counts[TOO_DEEP] += 1
            batch.too_deep = batch.too_deep or name_of(original, WATCH_OBJECT) or "an event without a name"
        elif is_event_line(line):
            batch.documents.append(line[line.index(b"{", 1) : -1])
        elif line.startswith(_DELETED_LINE):
            batch.counts[DELETIONS] += 1
        elif not _add_decoded(batch, line):
            break
        added += 1
    batch.lines = added
    for line in reversed(lines[:added]):
        version = _resource_version(line)
        if version is not None:
            batch.resource_version = version
            break


def _add_decoded(batch: WatchBatch, line: bytes) -> bool:
    """Add a line that is not in the usual form; returns whether to continue after it."""
    if not line.strip():
        return True
    try:
        decoded = json.loads(line)
    except (ValueError, RecursionError):
        batch.counts[INVALID_JSON] += 1
        return True
    if not isinstance(decoded, dict):
        batch.counts[UNKNOWN] += 1
        return True
    line_type, item = decoded.get("type"), decoded.get("object")
    if line_type == "ERROR" or decoded.get("kind") == "Status":
        batch.status = item if line_type == "ERROR" and isinstance(item, dict) else decoded
        return False
    if line_type not in ("ADDED", "MODIFIED"):
        batch.counts[{"BOOKMARK": BOOKMARKS, "DELETED": DELETIONS}.get(str(line_type), UNKNOWN)] += 1
    elif isinstance(item, dict) and is_api_event(item):
        batch.documents.append(json.dumps({"kind": "Event", "apiVersion": "v1", **item}).encode())
    else:
        batch.counts[NON_EVENTS] += 1
    return True


def _resource_version(line: bytes) -> int | None:
    try:
        return int(json.loads(line)["object"]["metadata"]["resourceVersion"])
    except RecursionError:
        return resource_version(line, WATCH_OBJECT)
    except (ValueError, KeyError, TypeError):
        return None
