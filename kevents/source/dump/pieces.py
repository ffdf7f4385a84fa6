"""What reading a dump gives, piece by piece: events, what is none, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any] | list[Any] | str | int | float | bool | None  # any parsed JSON or YAML value


@dataclass(frozen=True, slots=True)
class Block:
    """Many documents at once: JSON back to back with white space between, claimed to be plain core/v1 Events.

    The claim is made by looking at the beginning and at the cuts only. Where it proves wrong, `dump.documents` reads
    the block one document at a time. The data are never written to again, so that another thread may decode them.
    """

    data: bytes | bytearray | memoryview
    line: int  # where the data begin, counted from 1
    offset: int  # of the same place, in bytes of decoded text
    joint: bytes = b""  # what stood between two items of a list wherever `blank(joint)` stands now


@dataclass(frozen=True, slots=True)
class Document:
    """One event as a core/v1 mapping, without managedFields, its own kind and apiVersion.

    Odd values are left in place and unknown keys where they stood. Strings may hold lone surrogates (JSON allows them).
    """

    event: dict[str, Any]
    cluster: str | None  # the cluster's label, where the dump names one
    line: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is neither an event nor a failure."""

    reason: str  # a short noun phrase: "Pod", "deletions", "log lines"
    count: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that should have been readable and was not."""

    reason: str
    line: int | None
    offset: int | None
    foreign: bool = False  # the input as a whole is something else: a picture, a log, a printed table


Piece = Block | Document | Skipped | Problem


def blank(joint: bytes) -> bytes:
    """The joint between two items of a list with its comma as white space."""
    return joint.replace(b",", b" ")
