"""Walks through a JSON document without loading it: yields the items of its lists one by one, for any order of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kevents.source.dump import unwrap
from kevents.source.dump.json_reader import BrokenJson, JsonReader, SkippedRest
from kevents.source.dump.pieces import Piece, Skipped

_ITEMS = ("items", "Items")
_LOOKAHEAD = 4096  # characters in which the `items` key of a list is expected
_MAX_ATTEMPTS = 100  # to learn how the items of a list start
_FIRST_KEY = re.compile(r'\{"\w+":')
_LIST_TRUNCATED = "the list ends in the middle: the file seems truncated"


def document(text: JsonReader) -> Iterator[Piece]:
    """The events of the object that starts here; raises BrokenJson where reading has to stop."""
    line = text.line
    end = text.at + _LOOKAHEAD
    if all(text.text.find(f'"{key}"', text.at, end) < 0 for key in _ITEMS):
        value = text.value_in_window()
        if value is not None:
            yield from unwrap.events(value, line=line)
            return
    text.at += 1
    yield from members(text, line)


def array(text: JsonReader) -> Iterator[Piece]:
    """The events of the array that starts here; raises BrokenJson where reading has to stop."""
    text.at += 1
    yield from elements(text)


def members(text: JsonReader, line: int, *, after_items: bool = False) -> Iterator[Piece]:
    """The events in the members of an object, up to its end. Without a list of items, they are those of the object.

    after_items: the list has been read before.
    """
    fields: dict[str, Any] = {}
    has_items = after_items
    while (char := text.skip_space()) != "}":
        if char == ",":
            text.at += 1
            continue
        if not char:
            raise text.truncated(_LIST_TRUNCATED) if has_items else text.truncated()
        if char != '"':
            raise BrokenJson("invalid JSON: expected a key in double quotes", text.line, text.offset)
        key = text.value()
        if text.skip_space() != ":":
            if text.ended:
                raise text.truncated()
            raise BrokenJson("invalid JSON: expected a colon", text.line, text.offset)
        text.at += 1
        if key in _ITEMS and text.skip_space() == "[":
            text.at += 1
            has_items = True
            yield from elements(text, unwrap.kind_of_items(fields.get("kind")))
        else:
            text.skip_space()
            fields[str(key)] = text.value(outside=1)
    text.at += 1
    if not has_items:
        yield from unwrap.events(fields, line=line)


def elements(
    text: JsonReader, kind: str | None = None, item_start: str = "", *, partial: bool = False
) -> Iterator[Piece]:
    """The events in the items of a list, up to its closing bracket. After a broken item, reading continues at the next.

    item_start: the text that items start with, if known; partial: the text may end between two items.
    """
    is_empty = not item_start
    attempts = 0
    while (char := text.skip_space()) != "]":
        if char == ",":
            text.at += 1
            continue
        if not char:
            if partial:
                return
            raise text.truncated(_LIST_TRUNCATED)
        is_empty = False
        line = text.line
        if not item_start and attempts < _MAX_ATTEMPTS:  # each may search a megabyte for a line break
            item_start = _item_start(text)
            attempts += 1
        try:
            item = text.value()
        except BrokenJson as broken:
            if not item_start:
                raise
            yield broken.problem
            _resume(text, item_start)
        else:
            yield from unwrap.events(item, line=line, kind=kind)
    text.at += 1
    if is_empty:
        yield Skipped("empty list")


def _item_start(text: JsonReader) -> str:
    indentation = text.indentation()
    if indentation is not None:
        return f"\n{indentation}{{"
    opening = _FIRST_KEY.match(text.text, text.at)
    return f",{opening.group()}" if opening else ""


def _resume(text: JsonReader, item_start: str) -> None:
    """Go to the next item of the list. Raises SkippedRest if a new document starts at the start of a line before it."""
    item = re.escape(item_start).replace(",", r",\s*")
    match = text.skip_to(re.compile(rf"({item})|\n[\[{{]"))
    if match is not None:
        text.at += 1
    if match is None or match[1] is None:
        raise SkippedRest
    text.skip_space()
