"""The slow path for JSON: documents of any kind one after the other, with log lines or other text between them."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from kevents.source.dump import json_walk
from kevents.source.dump.json_blocks import Container, Remainder
from kevents.source.dump.json_reader import BrokenJson, JsonReader, SkippedRest
from kevents.source.dump.log_lines import LogLines
from kevents.source.dump.pieces import Document, Piece, Problem

_LONG = 1 << 20  # bytes: after a document of this size, it is worth trying the fast path again

_OBJECT = re.compile(r'\{\s*(["}]|\Z)')
_ARRAY = re.compile(r"\[\s*([{\]]|\Z)")


def documents(
    text: JsonReader, lines: LogLines, remainder: Remainder, *, partial: bool = False
) -> Generator[Piece, None, bool]:
    """The events of the text from here on. Returns True at the end, False if it stopped after a long list.

    remainder: what the start of the text is part of; partial: the text is an excerpt that ends between two documents.
    """
    if remainder.container is not Container.NONE:
        yield from _reported(_rest_of_list(text, remainder, partial=partial), text, lines)
        if not partial:
            return False
    while char := text.skip_space():
        if lines.in_section:
            yield from _line(text, lines)
            continue
        start = text.offset
        if char == "{" and _OBJECT.match(text.text, text.at):
            yield from lines.flush()
            yield from _reported(json_walk.document(text), text, lines)
        elif char == "[" and _ARRAY.match(text.text, text.at):
            yield from lines.flush()
            yield from _reported(json_walk.array(text), text, lines)
        elif char == "," or (partial and char in "]}"):
            text.at += 1
        else:
            yield from _line(text, lines)
        if not partial and text.offset - start > _LONG:
            return False
    return True


def _line(text: JsonReader, lines: LogLines) -> Iterator[Piece]:
    number, offset = text.line, text.offset
    yield from lines.add(text.read_line(), number, offset)


def _reported(pieces: Iterator[Piece], text: JsonReader, lines: LogLines) -> Iterator[Piece]:
    """The pieces of one document. If it is broken, a problem is reported and the text moves on to the next document."""
    lines.documents += 1
    start, indentation = text.offset, text.indentation() or ""
    try:
        for piece in pieces:
            if isinstance(piece, Problem):
                yield from lines.report(piece)
                continue
            lines.events += isinstance(piece, Document)
            yield piece
    except BrokenJson as broken:
        yield from lines.report(broken.problem)
        text.at += text.offset == start
        if text.indentation() != indentation or not text.text.startswith(("{", "["), text.at):
            text.skip_to(re.compile(rf"\n{indentation}(?=[{{\[])"))
    except SkippedRest:
        return


def _rest_of_list(text: JsonReader, remainder: Remainder, *, partial: bool) -> Iterator[Piece]:
    line = text.line
    yield from json_walk.elements(text, item_start=remainder.item_start, partial=partial)
    if remainder.container is Container.LIST and not (partial and not text.skip_space()):
        yield from json_walk.members(text, line, after_items=True)
