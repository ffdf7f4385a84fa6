"""Checksums of a journal: what one sync brings to disk ends with one, so that damage is found and is left out.

A frame is the lines up to such a control line. Lines behind the last one are as they are: a recorder was killed there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from zlib import crc32

from kevents.store import notes

_WORD = "sum"
_BEGIN = b"#sum "


class Frame(NamedTuple):
    """Where the lines of a frame begin and end in a journal file, and whether they are what was written."""

    start: int
    end: int
    is_whole: bool


def framed(lines: bytes) -> bytes:
    """The lines with their checksum behind them."""
    return lines + notes.line(_WORD, {"bytes": len(lines), "crc32": crc32(lines)})


def broken(data: bytes) -> list[Frame]:
    """The frames of whole lines that are damaged."""
    return [frame for frame in _frames(data) if not frame.is_whole]


def proven(data: bytes) -> bytes:
    """Whole lines without the frames that are damaged."""
    kept, start = [], 0
    for frame in broken(data):
        kept.append(data[start : frame.start])
        start = frame.end
    return b"".join((*kept, data[start:])) if kept else data


def unproven(data: bytes) -> bytes:
    """The whole lines behind the last checksum."""
    last = data.rfind(b"\n" + _BEGIN)
    if last < 0 and not data.startswith(_BEGIN):
        return data
    return data[data.find(b"\n", last + 1) + 1 :]


def _frames(data: bytes) -> Iterator[Frame]:
    view = memoryview(data)
    start = 0
    for line, behind in _sums(data):
        length, checksum = _read(data[line:behind])
        begin = line - length if 0 <= length <= line - start else -1
        is_whole = begin >= 0 and crc32(view[begin:line]) == checksum
        if not is_whole or begin > start:  # the checksum of the lines before could not be found
            yield Frame(start, begin if is_whole else line, is_whole=False)
        if is_whole:
            yield Frame(begin, line, is_whole=True)
        start = behind


def _sums(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the lines with checksums begin and end."""
    at = 0 if data.startswith(_BEGIN) else data.find(b"\n" + _BEGIN) + 1 or -1
    while at >= 0:
        behind = data.find(b"\n", at) + 1
        yield at, behind
        at = data.find(b"\n" + _BEGIN, behind - 1) + 1 or -1


def _read(line: bytes) -> tuple[int, int]:
    """What a checksum's line tells: bytes and checksum; no bytes at all are -1."""
    with suppress(ValueError):
        match json.loads(line[len(_BEGIN) :]):
            case {"bytes": int(length), "crc32": int(checksum)}:
                return length, checksum
    return -1, 0
