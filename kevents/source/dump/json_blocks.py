"""The fast road: a regular dump is cut into blocks of whole documents without decoding it.

What may be cut at is learnt from the first document. A separator with a raw newline cannot stand inside a JSON string,
and what a pretty-printer indents no further than an item is between items. In a list on one line the separator holds
the quoted first key of an item, whose quotes would be escaped inside a string. At every cut of a list the document
that follows must be an Event; where it is not, or where no separator is found, the slow road goes on from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum

from kevents.event.fields import TOP_LEVEL
from kevents.source.dump.pieces import Block, Json
from kevents.source.dump.utf8 import Feed

WINDOW = 4 << 20
HEAD = 256 << 10  # smaller inputs are not worth a block

_SPACE = re.compile(r"[ \t\r\n]*")
_BETWEEN_ITEMS = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=\{)")
_BETWEEN_DOCUMENTS = re.compile(r"[ \t\r]*\n[ \t\r\n]*(?=\{)")
_FIRST_KEY = re.compile(r'\{"\w+":.')
_LAST_LINE = re.compile(r"\n[ \t]*\}\Z")
_decode = json.JSONDecoder().raw_decode


class Inside(Enum):
    """What a document stands in."""

    NOTHING = "nothing"
    ARRAY = "array"
    LIST = "list"  # the items of a List, whose other keys may follow


@dataclass(frozen=True)
class Rest:
    """Where the fast road ended. mark: what the items of the list begin with, and what stands before them."""

    inside: Inside = Inside.NOTHING
    mark: str = ""


@dataclass(frozen=True)
class _Plan:
    first: int  # where the first document begins
    separator: bytes  # from the end of one document to the beginning of the next
    inside: Inside
    closing: bytes  # what the list ends with
    stride: int  # how far the next separator is at least, as a rule

    @property
    def stop(self) -> int:
        """How much of the separator belongs to the document before it."""
        return self.separator.index(b"}") + 1

    @property
    def start(self) -> int:
        """Where in the separator the next document begins."""
        return self.separator.index(b"{")

    @property
    def joint(self) -> bytes:
        return self.separator if self.inside is not Inside.NOTHING else b""

    @property
    def rest(self) -> Rest:
        return Rest(self.inside, mark(self.joint))

    def limit(self, buffer: bytearray, end: int) -> int:
        """How far into the buffer the list can reach."""
        if self.inside is Inside.NOTHING:
            return end
        if b"\n" not in self.separator:
            line_end = buffer.find(b"\n", 0, end)
            return end if line_end < 0 else line_end
        at = buffer.find(b"]", 0, end)  # one byte is found faster than the whole ending
        while at >= 0 and not buffer.endswith(self.closing, 0, at + 1):
            at = buffer.find(b"]", at + 1, end)
        return end if at < 0 else at

    def cut(self, buffer: bytearray, limit: int) -> int:
        """Where the last separator to cut at begins, or -1."""
        last = buffer.rfind(self.separator, 0, limit)
        if self.inside is Inside.NOTHING or last < 0:
            return last
        before = buffer.rfind(self.separator, 0, last)
        if before < 0:
            return -1
        try:
            document = json.loads(buffer[before + self.start : last + self.stop])
        except (ValueError, RecursionError):
            return -1
        return before if isinstance(document, dict) and "involvedObject" in document else -1

    def blank_joints(self, buffer: bytearray, end: int) -> None:
        joint = self.joint
        if not joint:
            return
        comma = joint.index(b",")
        step = max(self.stride, len(joint))
        at = buffer.find(joint, 0, end)
        while at >= 0:
            buffer[at + comma] = 0x20
            at = buffer.find(joint, at + step, end)


def blocks(feed: Feed, *, window: int = WINDOW, head: int = HEAD) -> Generator[Block, None, Rest]:
    """Cut blocks off the feed while that is safe; return what the rest of the feed stands in."""
    beginning = feed.peek(head)
    plan = _plan(beginning.decode("latin-1")) if len(beginning) == head else None
    if plan is None:
        return Rest()
    feed.line += feed.read(plan.first).count(b"\n")
    rest = b""
    while True:
        offset = feed.offset - len(rest)
        buffer = bytearray(window)
        view = memoryview(buffer)
        view[: len(rest)] = rest
        end = len(rest) + feed.fill(view[len(rest) :])
        limit = plan.limit(buffer, end)
        cut = plan.cut(buffer, limit)
        start = cut + plan.start if cut >= 0 else 0
        if cut >= 0:
            plan.blank_joints(buffer, cut)
            yield Block(view[: cut + plan.stop], feed.line, offset, plan.joint)
            feed.line += buffer.count(b"\n", 0, start)
        rest = bytes(view[start:end])
        if cut < 0 or limit < end or end < window:
            feed.unread(rest)
            return plan.rest


def mark(joint: bytes) -> str:
    """What an item of a list begins with, with what stands before it: its indentation, or a comma."""
    before = b"\n" if b"\n" in joint else b","
    return joint[joint.rfind(before) :].decode("latin-1")


def _plan(head: str) -> _Plan | None:
    """How to cut the text that begins with head (one character a byte), if it is regular and of plain Events."""
    place = _first_document(head)
    if place is None:
        return None
    first, bracket = place
    inside = Inside.NOTHING if bracket is None else Inside.ARRAY if not head[:bracket].strip() else Inside.LIST
    try:
        document, end = _decode(head, first)
    except (ValueError, RecursionError):
        return None
    between = (_BETWEEN_DOCUMENTS if bracket is None else _BETWEEN_ITEMS).match(head, end)
    if not is_plain(document) or between is None:
        return None
    separator = _separator(head, first, end, between)
    if separator is None:
        return None
    closing = "" if bracket is None else f"\n{_indentation(head, bracket)}]"
    return _Plan(first, separator.encode("latin-1"), inside, closing.encode("latin-1"), _stride(head, separator))


def is_plain(document: Json) -> bool:
    """Whether the document is a core/v1 Event with the keys that a block may have."""
    return (
        isinstance(document, dict)
        and document.get("kind") == "Event"
        and document.get("apiVersion") == "v1"
        and isinstance(document.get("metadata"), dict)
        and isinstance(document.get("involvedObject"), dict)
        and document.keys() <= TOP_LEVEL
    )


def _first_document(head: str) -> tuple[int, int | None] | None:
    """Where the first Event may begin, and where the bracket of its list is."""
    start = _past_space(head, 0)
    if head.startswith("[", start):
        return _past_space(head, start + 1), start
    if not head.startswith("{", start):
        return None
    at = _past_space(head, start + 1)
    try:
        while head.startswith('"', at):
            key, at = _decode(head, at)
            at = _past_space(head, at)
            if not head.startswith(":", at):
                return None
            at = _past_space(head, at + 1)
            if key == "items" and head.startswith("[", at):
                return _past_space(head, at + 1), at
            _, at = _decode(head, at)
            at = _past_space(head, at)
            if not head.startswith(",", at):
                break
            at = _past_space(head, at + 1)
    except (ValueError, RecursionError):
        return None
    return start, None


def _separator(head: str, first: int, end: int, between: re.Match[str]) -> str | None:
    """The separator after the document head[first:end], if every one of its kind must be between two documents."""
    if "\n" not in between.group():
        opening = _FIRST_KEY.match(head, first)
        same = opening is not None and head.startswith(opening.group(), between.end())
        return "}" + between.group() + opening.group() if opening and same else None
    document = head[first:end]
    if "\n" not in document:
        return "}" + between.group() + "{"
    last_line = _LAST_LINE.search(document)
    second_line = _SPACE.match(document, 1)
    if last_line is None or second_line is None or "\n" not in second_line.group():
        return None
    indented = second_line.group().rpartition("\n")[2]
    outer = last_line.group()[1:-1]
    regular = len(indented) > len(outer) and indented.startswith(outer)
    return last_line.group() + between.group() + "{" if regular else None


def _stride(head: str, separator: str) -> int:
    """Half the shortest distance between two separators, so that most of a document need not be searched."""
    distances = [len(part) for part in head.split(separator)[1:-1]]
    return min(distances, default=0) // 2


def _indentation(head: str, at: int) -> str:
    line = head[head.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _past_space(head: str, at: int) -> int:
    found = _SPACE.match(head, at)
    return found.end() if found else at
