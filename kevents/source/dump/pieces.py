"""The pieces that reading a dump yields: events, skipped documents, and problems."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

_LONG_TEXT = 4096


@dataclass(frozen=True, slots=True)
class Block:
    """Many documents at once: JSON documents separated by white space, expected to be plain core/v1 Events.

    Only the start and the cuts of a block are checked. If it has anything else, read it with `reader.documents`.
    The data is not changed later, so another thread may decode it.
    """

    data: bytes | bytearray | memoryview
    line: int  # at which the data starts, counted from 1
    offset: int  # at which the data starts, in bytes of decoded text
    separator: bytes = b""  # the text between two items of a list; `blank(separator)` has replaced it in the data


@dataclass(frozen=True, slots=True)
class Document:
    """One event as a core/v1 mapping, without kind, apiVersion and managedFields.

    Unknown keys and values of unexpected types are kept. Strings may hold lone surrogates, which JSON allows.
    """

    event: dict[str, Any]
    cluster: str | None  # the cluster label, if the dump has one
    line: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Content that is neither an event nor a problem."""

    reason: str  # a short noun phrase: "Pod", "deletions", "log lines"
    count: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """Content that cannot be read."""

    reason: str
    line: int | None
    offset: int | None
    is_other_format: bool = False  # the input is not a dump at all, but an image, a log, a printed table, …


Piece = Block | Document | Skipped | Problem


def blank(separator: bytes) -> bytes:
    """The separator of two list items with a space in place of its comma."""
    return separator.replace(b",", b" ")


def text_size(value: dict[str, Any] | list[Any]) -> int:
    """The approximate number of bytes that the text in a JSON value takes in memory."""
    size = 0
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, str):
            size += len(item) if len(item) < _LONG_TEXT else sys.getsizeof(item)  # a character takes 1, 2 or 4 bytes
        elif isinstance(item, dict | list):
            size += text_size(item)
    return size
