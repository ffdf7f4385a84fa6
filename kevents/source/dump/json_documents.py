"""The slow road: JSON documents of any shape, one after the other, with whatever text stands between them."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from kevents.source.dump import json_walk
from kevents.source.dump.json_blocks import Inside, Rest
from kevents.source.dump.json_reader import Broken, JsonReader, Lost
from kevents.source.dump.log_lines import LogLines
from kevents.source.dump.pieces import Document, Piece, Problem

_LONG = 1 << 20  # after a list of this length it is worth looking for the fast road again

_OBJECT = re.compile(r'\{\s*(["}]|\Z)')
_ARRAY = re.compile(r"\[\s*([{\]]|\Z)")


def documents(text: JsonReader, lines: LogLines, rest: Rest, *, partial: bool = False) -> Generator[Piece, None, bool]:
    """The events of the text from here on; returns False if it stopped behind a long list, True at the end.

    rest: what the text begins in; partial: it is cut out of a longer one, between two documents.
    """
    if rest.inside is not Inside.NOTHING:
        yield from _told(_rest_of_list(text, rest, partial=partial), text, lines)
        if not partial:
            return False
    while char := text.skip_space():
        if lines.in_section:
            yield from _line(text, lines)
            continue
        begin = text.offset
        if char == "{" and _OBJECT.match(text.text, text.at):
            yield from lines.flush()
            yield from _told(json_walk.document(text), text, lines)
        elif char == "[" and _ARRAY.match(text.text, text.at):
            yield from lines.flush()
            yield from _told(json_walk.array(text), text, lines)
        elif char == "," or (partial and char in "]}"):
            text.at += 1
        else:
            yield from _line(text, lines)
        if not partial and text.offset - begin > _LONG:
            return False
    return True


def _line(text: JsonReader, lines: LogLines) -> Iterator[Piece]:
    number, offset = text.line, text.offset
    yield from lines.take(text.read_line(), number, offset)


def _told(pieces: Iterator[Piece], text: JsonReader, lines: LogLines) -> Iterator[Piece]:
    """The pieces of one document; where it is broken, the problem, and the text stands at the next document."""
    lines.documents += 1
    begin, indentation = text.offset, text.indentation() or ""
    try:
        for piece in pieces:
            if isinstance(piece, Problem):
                yield from lines.tell(piece)
                continue
            lines.events += isinstance(piece, Document)
            yield piece
    except Broken as broken:
        yield from lines.tell(broken.problem)
        text.at += text.offset == begin
        if text.indentation() != indentation or not text.text.startswith(("{", "["), text.at):
            text.pass_to(re.compile(rf"\n{indentation}(?=[{{\[])"))
    except Lost:
        return


def _rest_of_list(text: JsonReader, rest: Rest, *, partial: bool) -> Iterator[Piece]:
    line = text.line
    yield from json_walk.elements(text, mark=rest.mark, partial=partial)
    if rest.inside is Inside.LIST and not (partial and not text.skip_space()):
        yield from json_walk.members(text, line, rest=True)
