"""The documents of a journal as tables of raw fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kevents.event import raw
from kevents.store.journal.files import blocks

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 1 << 20  # bytes: what one odd document makes slow

UNREADABLE = "documents of the journal that cannot be read"


def tables(data: bytes) -> Iterator[tuple[pa.Table, int]]:
    """The whole lines of a journal file as tables in event.raw.RAW, each with the number of lines that are no JSON."""
    for block in blocks(data, _BLOCK):
        table = raw.parse_plain(block)
        yield (table, 0) if table is not None else _one_by_one(block)


def _one_by_one(block: bytes) -> tuple[pa.Table, int]:
    lines = block.split(b"\n")[:-1]
    events = [event for event in map(_event, lines) if event is not None]
    return raw.from_documents((event, None) for event in events), len(lines) - len(events)


def _event(line: bytes) -> Mapping[str, Any] | None:
    try:
        event = json.loads(line.decode("utf-8", "replace"), strict=False, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None
