"""Finds parts of JSON text without decoding it: for values that are nested too deeply for a parser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_STRING_OR_BRACKET = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}\[\]]'  # a string, which may be cut off, or a bracket
_TEXT_TOKEN = re.compile(_STRING_OR_BRACKET, re.DOTALL)
_BYTES_TOKEN = re.compile(_STRING_OR_BRACKET.encode(), re.DOTALL)
_COLON = re.compile(rb"\s*:\s*")
_SCALAR = re.compile(rb"[^\s,}\]]*")
_NEXT_COMMA = re.compile(rb"\s*,")
_LAST_COMMA = re.compile(rb",\s*\Z")


class ValueScan:
    """Searches the end of an object or list in text that arrives in pieces."""

    def __init__(self) -> None:
        self._depth = 0
        self._scanned = 0  # characters from the start of the value

    def end(self, text: str, start: int) -> int | None:
        """The end of the value at `start`. None if it is incomplete: call again with more of the text."""
        for token in _TEXT_TOKEN.finditer(text, start + self._scanned):
            first = text[token.start()]
            if first == '"':
                if token.end() == len(text):  # it may be cut off
                    self._scanned = token.start() - start
                    return None
                continue
            self._depth += 1 if first in "{[" else -1
            if self._depth <= 0:
                return token.end()
        self._scanned = len(text) - start
        return None


class Member(NamedTuple):
    """The position of a member of an object: its key, its value and the end of the value."""

    key: int
    value: int
    end: int


def find_member(document: bytes, path: Sequence[bytes]) -> Member | None:
    """The member at a path of keys from the document's top level, such as (b"metadata", b"name")."""
    quoted = [b'"%s"' % key for key in path]
    depth = matched = 0  # matched: keys of the path that the current position is inside of
    found: tuple[int, int] | None = None
    for token in _BYTES_TOKEN.finditer(document):
        text = token.group()
        if text in (b"{", b"["):
            depth += 1
        elif text in (b"}", b"]"):
            depth -= 1
            if found and depth == len(path):
                return Member(*found, token.end())
            if depth <= matched:
                matched = max(depth - 1, 0)
        elif not found and depth == matched + 1 and text == quoted[matched]:
            colon = _COLON.match(document, token.end())
            if not colon:
                continue
            value, is_last = colon.end(), matched + 1 == len(path)
            is_nested = document[value : value + 1] in (b"{", b"[")
            if not is_last:
                matched += document[value : value + 1] == b"{"
            elif is_nested:
                found = (token.start(), value)
            else:
                scalar = _BYTES_TOKEN.match(document, value) or _SCALAR.match(document, value)
                return Member(token.start(), value, scalar.end() if scalar else value)
    return None


def without_member(document: bytes, path: Sequence[bytes]) -> bytes:
    """The document without the member at a path, and the same document if it has none."""
    member = find_member(document, path)
    if member is None:
        return document
    before, after = document[: member.key], document[member.end :]
    if comma := _NEXT_COMMA.match(after):
        return before + after[comma.end() :]
    return _LAST_COMMA.sub(b"", before) + after
