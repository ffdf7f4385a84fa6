"""A JSON document walked through without holding it: the items of lists one by one, whatever the order of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kevents.source.dump import unwrap
from kevents.source.dump.json_reader import Broken, JsonReader, Lost
from kevents.source.dump.pieces import Piece, Skipped

_ITEMS = ("items", "Items")
_AHEAD = 4096  # how far ahead a list shows itself
_FIRST_KEY = re.compile(r'\{"\w+":')
_LIST_CUT_OFF = "the list ends in the middle: the file seems truncated"


def document(text: JsonReader) -> Iterator[Piece]:
    """The events of the object that begins here; raises Broken where it cannot be read on."""
    line = text.line
    ahead = text.at + _AHEAD
    if all(text.text.find(f'"{key}"', text.at, ahead) < 0 for key in _ITEMS):
        value = text.value_at_hand()
        if value is not None:
            yield from unwrap.events(value, line=line)
            return
    text.at += 1
    yield from members(text, line)


def array(text: JsonReader) -> Iterator[Piece]:
    """The events of the array that begins here; raises Broken where it cannot be read on."""
    text.at += 1
    yield from elements(text)


def members(text: JsonReader, line: int, *, rest: bool = False) -> Iterator[Piece]:
    """The members of an object up to its end: its items as they come, else the events of the whole.

    rest: the items have been read before.
    """
    fields: dict[str, Any] = {}
    listed = rest
    while (char := text.skip_space()) != "}":
        if char == ",":
            text.at += 1
            continue
        if not char:
            raise text.cut_off(_LIST_CUT_OFF) if listed else text.cut_off()
        if char != '"':
            raise Broken("no valid JSON: a key in double quotes is expected here", text.line, text.offset)
        key = text.value()
        if text.skip_space() != ":":
            raise text.cut_off() if text.ended else Broken("no valid JSON: a colon is expected", text.line, text.offset)
        text.at += 1
        if key in _ITEMS and text.skip_space() == "[":
            text.at += 1
            listed = True
            yield from elements(text, unwrap.list_kind(fields.get("kind")))
        else:
            text.skip_space()
            fields[str(key)] = text.value()
    text.at += 1
    if not listed:
        yield from unwrap.events(fields, line=line)


def elements(text: JsonReader, kind: str | None = None, mark: str = "", *, partial: bool = False) -> Iterator[Piece]:
    """The events of a list's items up to its closing bracket. What is broken is passed over to the next item.

    mark: what an item begins with, and what stands before it; partial: the text may end between two items.
    """
    empty = not mark
    while (char := text.skip_space()) != "]":
        if char == ",":
            text.at += 1
            continue
        if not char:
            if partial:
                return
            raise text.cut_off(_LIST_CUT_OFF)
        empty = False
        line = text.line
        mark = mark or _mark(text)
        try:
            item = text.value()
        except Broken as broken:
            if not mark:
                raise
            yield broken.problem
            _resume(text, mark)
        else:
            yield from unwrap.events(item, line=line, kind=kind)
    text.at += 1
    if empty:
        yield Skipped("empty list")


def _mark(text: JsonReader) -> str:
    indentation = text.indentation()
    if indentation is not None:
        return f"\n{indentation}{{"
    opening = _FIRST_KEY.match(text.text, text.at)
    return f",{opening.group()}" if opening else ""


def _resume(text: JsonReader, mark: str) -> None:
    """Go to the next item of the list; Lost if there is none before the next document at the beginning of a line."""
    item = re.escape(mark).replace(",", r",\s*")
    found = text.pass_to(re.compile(rf"({item})|\n[\[{{]"))
    if found is not None:
        text.at += 1
    if found is None or found[1] is None:
        raise Lost
    text.skip_space()
