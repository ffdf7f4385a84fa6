"""The fast path for JSON: cuts a regular dump into blocks of complete documents without decoding it.

The text between two documents, the separator, is learned from the first document. A separator with a raw newline
cannot occur inside a JSON string, and if its indentation is at most that of an item, it only occurs between items. In
a list on one line, the separator includes the quoted first key of an item, whose quotes would be escaped inside a
string. At every cut of a list, the document after the cut must be an Event. If it is not, or if no separator is found,
the slow path (`json_documents`) continues from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum

from kevents.event.fields import TOP_LEVEL
from kevents.event.shape import is_event
from kevents.source.dump.pieces import Block
from kevents.source.dump.utf8 import Utf8Stream
from kevents.source.json_text import Json

WINDOW = 4 << 20
HEAD = 256 << 10  # smaller inputs are not read in blocks

_SPACE = re.compile(r"[ \t\r\n]*")
_BETWEEN_ITEMS = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_BETWEEN_DOCUMENTS = re.compile(r"[ \t\r]*\n[ \t\r\n]*(?=\{)")
_FIRST_KEY = re.compile(r'\{"\w+":.')
_LAST_LINE = re.compile(r"\n[ \t]*\}\Z")
_decode = json.JSONDecoder().raw_decode


class Container(Enum):
    """What surrounds a document."""

    NONE = "none"
    ARRAY = "array"
    LIST = "list"  # the items of a List, which may have more keys after them


@dataclass(frozen=True)
class Remainder:
    """The state in which the fast path left the input. item_start: the text that items start with, if in a list."""

    container: Container = Container.NONE
    item_start: str = ""


@dataclass(frozen=True)
class _Plan:
    """How to cut an input into blocks."""

    first: int  # offset of the first document
    separator: bytes  # from the end of one document to the start of the next
    container: Container
    closing: bytes  # the end of the list
    stride: int  # bytes after a separator in which no other one is expected

    @property
    def document_end(self) -> int:
        """The length of the part of the separator that belongs to the document before it."""
        return self.separator.index(b"}") + 1

    @property
    def document_start(self) -> int:
        """The offset in the separator at which the next document starts."""
        return self.separator.index(b"{")

    @property
    def item_separator(self) -> bytes:
        return self.separator if self.container is not Container.NONE else b""

    @property
    def remainder(self) -> Remainder:
        return Remainder(self.container, item_start(self.item_separator))

    def limit(self, buffer: bytearray, end: int) -> int:
        """The largest offset in the buffer that the list can reach."""
        if self.container is Container.NONE:
            return end
        if b"\n" not in self.separator:
            line_end = buffer.find(b"\n", 0, end)
            return end if line_end < 0 else line_end
        at = buffer.find(b"]", 0, end)  # searching for one byte is faster than for the whole closing
        while at >= 0 and not buffer.endswith(self.closing, 0, at + 1):
            at = buffer.find(b"]", at + 1, end)
        return end if at < 0 else at

    def cut(self, buffer: bytearray, limit: int) -> int:
        """The offset of the last separator at which it is safe to cut, or -1."""
        last = buffer.rfind(self.separator, 0, limit)
        if self.container is Container.NONE or last < 0:
            return last
        previous = buffer.rfind(self.separator, 0, last)
        if previous < 0:
            return -1
        try:
            document = json.loads(buffer[previous + self.document_start : last + self.document_end])
        except (ValueError, RecursionError):
            return -1
        return previous if _is_complete_event(document) else -1

    def blank_separators(self, buffer: bytearray, end: int) -> None:
        """Replace the commas between the items by spaces."""
        separator = self.item_separator
        if not separator:
            return
        comma = separator.index(b",")
        step = max(self.stride, len(separator))
        at = buffer.find(separator, 0, end)
        while at >= 0:
            buffer[at + comma] = 0x20
            at = buffer.find(separator, at + step, end)


def blocks(stream: Utf8Stream, *, window: int = WINDOW, head: int = HEAD) -> Generator[Block, None, Remainder]:
    """Cuts blocks off the stream while this is safe; returns the state in which it leaves the rest of the stream."""
    beginning = stream.peek(head)
    plan = _plan(beginning.decode("latin-1")) if len(beginning) == head else None
    if plan is None:
        return Remainder()
    stream.line += stream.read(plan.first).count(b"\n")
    rest = b""
    while True:
        offset = stream.offset - len(rest)
        buffer = bytearray(window)
        view = memoryview(buffer)
        view[: len(rest)] = rest
        end = len(rest) + stream.fill(view[len(rest) :])
        limit = plan.limit(buffer, end)
        cut = plan.cut(buffer, limit)
        start = cut + plan.document_start if cut >= 0 else 0
        if cut >= 0:
            plan.blank_separators(buffer, cut)
            yield Block(view[: cut + plan.document_end], stream.line, offset, plan.item_separator)
            stream.line += buffer.count(b"\n", 0, start)
        rest = bytes(view[start:end])
        if cut < 0 or limit < end or end < window:
            stream.unread(rest)
            return plan.remainder


def item_start(separator: bytes) -> str:
    """The text that an item of a list starts with, including the indentation or comma before it."""
    before = b"\n" if b"\n" in separator else b","
    return separator[separator.rfind(before) :].decode("latin-1")


def is_plain_event(document: Json) -> bool:
    """Fast path of `is_event`: true only of core/v1 Events that have an object and no other keys than those of the API.

    It is only used for the first document of an input, which decides whether the others are read in blocks.
    """
    return (
        isinstance(document, dict)
        and document.get("kind") == "Event"
        and document.get("apiVersion") == "v1"
        and isinstance(document.get("metadata"), dict)
        and isinstance(document.get("involvedObject"), dict)
        and document.keys() <= TOP_LEVEL
    )


def _is_complete_event(document: Json) -> bool:
    """Whether the document is an Event, and not a reference to an Event inside of one, which has the same kind."""
    return isinstance(document, dict) and "involvedObject" in document and is_event(document)


def _plan(head: str) -> _Plan | None:
    """How to cut the text that starts with head (one character per byte), if it is regular and of plain Events."""
    place = _first_document(head)
    if place is None:
        return None
    first, bracket = place
    try:
        document, end = _decode(head, first)
    except (ValueError, RecursionError):
        return None
    between = (_BETWEEN_DOCUMENTS if bracket is None else _BETWEEN_ITEMS).match(head, end)
    if not is_plain_event(document) or between is None:
        return None
    separator = _separator(head, first, end, between)
    if separator is None:
        return None
    closing = "" if bracket is None else f"\n{_indentation(head, bracket)}]"
    container, stride = _container(head, bracket), _stride(head, separator)
    return _Plan(first, separator.encode("latin-1"), container, closing.encode("latin-1"), stride)


def _container(head: str, bracket: int | None) -> Container:
    if bracket is None:
        return Container.NONE
    return Container.LIST if head[:bracket].strip() else Container.ARRAY


def _first_document(head: str) -> tuple[int, int | None] | None:
    """The offsets of the first document and of the opening bracket of its list."""
    start = _skip_space(head, 0)
    if head.startswith("[", start):
        return _skip_space(head, start + 1), start
    if not head.startswith("{", start):
        return None
    at = _skip_space(head, start + 1)
    try:
        while head.startswith('"', at):
            key, at = _decode(head, at)
            at = _skip_space(head, at)
            if not head.startswith(":", at):
                return None
            at = _skip_space(head, at + 1)
            if key == "items" and head.startswith("[", at):
                return _skip_space(head, at + 1), at
            _, at = _decode(head, at)
            at = _skip_space(head, at)
            if not head.startswith(",", at):
                break
            at = _skip_space(head, at + 1)
    except (ValueError, RecursionError):
        return None
    return start, None


def _separator(head: str, first: int, end: int, between: re.Match[str]) -> str | None:
    """The separator after the document head[first:end]; None if the same text may occur within a document."""
    if "\n" not in between.group():
        opening = _FIRST_KEY.match(head, first)
        is_same = opening is not None and head.startswith(opening.group(), between.end())
        return "}" + between.group() + opening.group() if opening and is_same else None
    document = head[first:end]
    if "\n" not in document:
        return "}" + between.group() + "{"
    last_line = _LAST_LINE.search(document)
    second_line = _SPACE.match(document, 1)
    if last_line is None or second_line is None or "\n" not in second_line.group():
        return None
    inner = second_line.group().rpartition("\n")[2]
    outer = last_line.group()[1:-1]
    is_regular = len(inner) > len(outer) and inner.startswith(outer)
    return last_line.group() + between.group() + "{" if is_regular else None


def _stride(head: str, separator: str) -> int:
    """Half the shortest distance between two separators: the search for the next one can skip as much."""
    distances = [len(part) for part in head.split(separator)[1:-1]]
    return min(distances, default=0) // 2


def _indentation(head: str, at: int) -> str:
    line = head[head.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _skip_space(head: str, at: int) -> int:
    space = _SPACE.match(head, at)
    return space.end() if space else at
