"""Decodes the documents of a journal into tables of raw fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kevents.event import raw
from kevents.json_depth import is_too_deep, without_managed_fields
from kevents.store.journal.files import document_blocks

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 1 << 20  # bytes; one irregular document makes its block slow to decode

UNREADABLE = "documents of the journal that cannot be read"


def tables(data: bytes) -> Iterator[tuple[pa.Table, int]]:
    """The complete lines of a journal file as tables of event.raw.RAW, each with its number of unreadable lines."""
    for block in document_blocks(data, _BLOCK):
        table = raw.parse_plain(block)
        yield (table, 0) if table is not None else _line_by_line(block)


def _line_by_line(block: bytes) -> tuple[pa.Table, int]:
    lines = block.split(b"\n")[:-1]
    events = [event for event in map(_event, lines) if event is not None]
    return raw.from_documents((event, None) for event in events), len(lines) - len(events)


def _event(line: bytes) -> Mapping[str, Any] | None:
    text = line.decode("utf-8", "replace")
    if is_too_deep(line):
        text = without_managed_fields(text)
        if is_too_deep(text):
            return None
    try:
        event = json.loads(text, strict=False, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None
