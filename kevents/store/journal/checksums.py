"""Checksums of a journal file: each sync ends with one, so that damaged lines are detected and skipped.

A frame consists of the lines up to a checksum line. Lines after the last checksum line are unverified: the recorder is
writing them, or was killed while writing.
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
_PREFIX = b"#sum "


class Frame(NamedTuple):
    """The start and end of a frame's lines in a journal file, and whether they match their checksum."""

    start: int
    end: int
    is_intact: bool


class JournalContent(NamedTuple):
    """The content of a journal file.

    lines: the intact lines. length: the size of all complete lines, intact or damaged. damaged: the byte ranges that
    fail their checksum. torn: the size of an incomplete last line, which a killed recorder leaves.
    """

    lines: bytes
    length: int
    damaged: tuple[bytes, ...]
    torn: int

    @property
    def lost(self) -> int:
        """The number of damaged lines, without checksum lines."""
        return sum(max(part.count(b"\n") - (b"\n" + part).count(b"\n" + _PREFIX), 1) for part in self.damaged)

    @property
    def lost_spans(self) -> list[Span]:
        """The time of the damaged lines, as far as control lines among them are readable."""
        totals = ControlLineTotals()
        for part in self.damaged:
            totals.add(line for line in part.split(b"\n")[:-1] if line.startswith(b"#"))
        return totals.spans


def with_checksum(lines: bytes) -> bytes:
    """The lines, followed by their checksum line."""
    return lines + _checksum_line(lines)


def parse(data: bytes) -> JournalContent:
    """Split a journal file, or the first part of one, into intact, damaged and torn lines."""
    length = complete_length(data)
    complete, rest = data[:length], data[length:]
    damaged = [complete[frame.start : frame.end] for frame in damaged_frames(complete)]
    lines, unverified = without_damaged_frames(complete), after_last_checksum(complete)
    last_lines = [line + b"\n" for line in unverified.split(b"\n")[:-1]]
    if unreadable := [line for line in last_lines if not _is_readable(line)]:
        damaged.append(b"".join(unreadable))
        readable = b"".join(line for line in last_lines if _is_readable(line))
        lines = lines[: len(lines) - len(unverified)] + readable
    is_torn = _is_torn(unverified, rest)
    if not is_torn:
        damaged.append(rest)
    return JournalContent(lines, length, tuple(damaged), len(rest) if is_torn else 0)


def synced_length(data: bytes) -> int:
    """The size up to the last checksum. What follows is being written, or was when the recorder was killed."""
    end = data.rfind(b"\n") + 1
    return end - len(after_last_checksum(data[:end]))


def complete_length(data: bytes) -> int:
    """The size of all complete lines. It is less than the file's if a writer was killed or is active.

    It ends before a zero byte: after a power failure, a file can have its full size but contain zeros. An intact frame
    proves that everything before it was synced, so a zero byte there is damage instead.
    """
    zero = data.find(b"\0")
    if zero >= 0:
        synced = max((frame.end for frame in _frames(data[: data.rfind(b"\n") + 1]) if frame.is_intact), default=0)
        zero = data.find(b"\0", max(synced, zero))
    return data.rfind(b"\n", 0, zero if zero >= 0 else len(data)) + 1


def damaged_frames(data: bytes) -> list[Frame]:
    """The damaged frames of complete lines."""
    return [frame for frame in _frames(data) if not frame.is_intact]


def without_damaged_frames(data: bytes) -> bytes:
    """Complete lines without those in damaged frames."""
    kept, start = [], 0
    for frame in damaged_frames(data):
        kept.append(data[start : frame.start])
        start = frame.end
    return b"".join((*kept, data[start:])) if kept else data


def after_last_checksum(data: bytes) -> bytes:
    """The complete lines after the last checksum."""
    last = data.rfind(b"\n" + _PREFIX)
    if last < 0 and not data.startswith(_PREFIX):
        return data
    return data[data.find(b"\n", last + 1) + 1 :]


def _checksum_line(lines: bytes) -> bytes:
    return control_lines.encode(_WORD, {"bytes": len(lines), "crc32": crc32(lines)})


def _is_readable(line: bytes) -> bool:
    """Whether a line without a checksum is a JSON document or a known control line."""
    document = line.partition(b" ")[2] if line.startswith(b"#") else line
    try:
        json.loads(document.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return False
    if not line.startswith(b"#"):
        return True
    word = line[1:].partition(b" ")[0].decode("ascii", "replace")
    return word in (*control_lines.WORDS, _WORD)


def _is_torn(lines: bytes, rest: bytes) -> bool:
    """Whether the rest after lines without a checksum is the start of one more line, as a kill leaves it."""
    if b"\0" in rest:
        return False
    return not rest.startswith(_PREFIX[:2]) or _checksum_line(lines).startswith(rest)


def _frames(data: bytes) -> Iterator[Frame]:
    view = memoryview(data)
    start = 0
    for line_start, line_end in _checksum_lines(data):
        length, checksum = _parse_checksum(data[line_start:line_end])
        frame_start = line_start - length if 0 <= length <= line_start - start else -1
        is_intact = frame_start >= 0 and crc32(view[frame_start:line_start]) == checksum
        if not is_intact or frame_start > start:  # the checksum line of the lines before is missing
            yield Frame(start, frame_start if is_intact else line_start, is_intact=False)
        if is_intact:
            yield Frame(frame_start, line_start, is_intact=True)
        start = line_end


def _checksum_lines(data: bytes) -> Iterator[tuple[int, int]]:
    """The start and end of each checksum line."""
    start = 0 if data.startswith(_PREFIX) else data.find(b"\n" + _PREFIX) + 1 or -1
    while start >= 0:
        end = data.find(b"\n", start) + 1
        yield start, end
        start = data.find(b"\n" + _PREFIX, end - 1) + 1 or -1


def _parse_checksum(line: bytes) -> tuple[int, int]:
    """The length and checksum in a checksum line. An unreadable line has the length -1."""
    with suppress(ValueError):
        match json.loads(line[len(_PREFIX) :]):
            case {"bytes": int(length), "crc32": int(checksum)}:
                return length, checksum
    return -1, 0
