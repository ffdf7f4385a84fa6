"""Checksums of a journal: what one sync brings to disk ends with one, so that damage is found and is left out.

A frame is the lines up to such a control line. Lines behind the last one are as they are: a recorder was killed there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from zlib import crc32

from kevents.store.coverage import Span
from kevents.store.journal import control_lines
from kevents.store.journal.control_lines import ControlLineTotals

_WORD = "sum"
_BEGIN = b"#sum "


class Frame(NamedTuple):
    """Where the lines of a frame begin and end in a journal file, and whether they are what was written."""

    start: int
    end: int
    is_whole: bool


class Taken(NamedTuple):
    """What a journal file holds: `end` bytes are whole lines, of which `lines` can be taken.

    damage: the stretches that are not what was written. torn: bytes behind the last line, where a recorder was killed,
    or is at work.
    """

    lines: bytes
    end: int
    damage: tuple[bytes, ...]
    torn: int

    @property
    def lost(self) -> int:
        """How many lines are not what was written, checksums aside."""
        return sum(max(one.count(b"\n") - (b"\n" + one).count(b"\n" + _BEGIN), 1) for one in self.damage)

    @property
    def spans(self) -> list[Span]:
        """The times that the damage tells of itself, as far as control lines in it can still be read."""
        told = ControlLineTotals()
        for stretch in self.damage:
            told.add(line for line in stretch.split(b"\n")[:-1] if line.startswith(b"#"))
        return told.spans


def framed(lines: bytes) -> bytes:
    """The lines with their checksum behind them."""
    return lines + _sum_of(lines)


def taken(data: bytes) -> Taken:
    """What can be taken of a journal file, or of its beginning."""
    end = sound(data)
    whole, rest = data[:end], data[end:]
    damage = [whole[frame.start : frame.end] for frame in broken(whole)]
    lines, behind = proven(whole), unproven(whole)
    last = [line + b"\n" for line in behind.split(b"\n")[:-1]]
    if odd := [line for line in last if not _is_readable(line)]:
        damage.append(b"".join(odd))
        lines = lines[: len(lines) - len(behind)] + b"".join(line for line in last if _is_readable(line))
    is_torn = _is_torn(behind, rest)
    if not is_torn:
        damage.append(rest)
    return Taken(lines, end, tuple(damage), len(rest) if is_torn else 0)


def synced(data: bytes) -> int:
    """How much of the data ends with a checksum: all but what a recorder is writing now, or was when it was killed."""
    end = data.rfind(b"\n") + 1
    return end - len(unproven(data[:end]))


def sound(data: bytes) -> int:
    """How much of the data is whole lines: less than all of it where a writer was killed or is at work.

    Nothing from a zero byte on: after a power cut, a file may be as long as it was meant to be and hold zeros there.
    But a whole frame was synced, and so was all that stands before it: there, a zero byte is damage.
    """
    zero = data.find(b"\0")
    if zero >= 0:
        synced = max((frame.end for frame in _frames(data[: data.rfind(b"\n") + 1]) if frame.is_whole), default=0)
        zero = data.find(b"\0", max(synced, zero))
    return data.rfind(b"\n", 0, zero if zero >= 0 else len(data)) + 1


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


def _sum_of(lines: bytes) -> bytes:
    return control_lines.line(_WORD, {"bytes": len(lines), "crc32": crc32(lines)})


def _is_readable(line: bytes) -> bool:
    """Whether a line that no checksum speaks for is a document or a control line."""
    try:
        json.loads(
            (line.partition(b" ")[2] if line.startswith(b"#") else line).decode("utf-8", "replace"), strict=False
        )
    except (ValueError, RecursionError):
        return False
    return not line.startswith(b"#") or line[1:].partition(b" ")[0].decode("ascii", "replace") in (
        *control_lines.WORDS,
        _WORD,
    )


def _is_torn(lines: bytes, rest: bytes) -> bool:
    """Whether the rest behind lines without a checksum is what a kill leaves: the beginning of one more."""
    if b"\0" in rest:
        return False
    return not rest.startswith(_BEGIN[:2]) or _sum_of(lines).startswith(rest)


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
