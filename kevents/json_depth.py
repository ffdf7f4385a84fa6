"""The nesting depth of JSON text: one limit for everything that is read, checked without parsing.

Parsers recurse, and how deep they can go depends on the version of Python. This limit is below all of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

MAX_DEPTH = 256  # nested objects and lists; an Event has about 10 levels

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # an incomplete one reaches to the end
_OPEN, _CLOSE = b"{[", b"}]"
_STEPS = bytes.maketrans(_OPEN + _CLOSE, b"\x01\x01\xff\xff")  # as signed bytes: 1 and -1
_OTHER = bytes(set(range(256)) - set(_OPEN + _CLOSE))
_SHORT = 4096  # bytes: a document of this size is not too deep for a parser, whatever it contains
# Neither can be within a string: a raw line break is not allowed there, and the quotes would end it.
_BETWEEN_DOCUMENTS = re.compile(rb'\}[ \t\r]*(?:\n\s*\{| \{"\w+":)')
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]', re.DOTALL)
_MANAGED_FIELDS = re.compile(r'"managedFields"\s*:\s*(?=\[)')
TOO_DEEP = f"values are nested more than {MAX_DEPTH} levels deep"


def is_too_deep(text: bytes | str) -> bool:
    """Whether JSON text has values that are nested deeper than MAX_DEPTH. Text that is not valid JSON is allowed."""
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return False
    steps = memoryview(_STRING.sub(b"", data).translate(_STEPS, _OTHER)).cast("b")
    return max(accumulate(steps), default=0) > MAX_DEPTH


def are_too_deep(documents: bytes | bytearray | memoryview) -> bool:
    """Whether one of several JSON documents, separated by white space, may be too deep for a parser that recurses.

    Looks only at long documents, because this is called for every block of an import.
    """
    view, start = memoryview(documents), 0
    for between in _BETWEEN_DOCUMENTS.finditer(view):
        if between.start() - start > _SHORT and is_too_deep(bytes(view[start : between.start()])):
            return True
        start = between.start()
    return len(view) - start > _SHORT and is_too_deep(bytes(view[start:]))


def value_is_too_deep(value: object, depth: int = MAX_DEPTH) -> bool:
    """Whether a parsed value is nested deeper than this."""
    if not isinstance(value, dict | list):
        return False
    children = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(value_is_too_deep(child, depth - 1) for child in children)


def value_end(text: str, start: int) -> int | None:
    """The end of the object or list that starts here, however deep it is; None if it is incomplete."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
            if depth <= 0:
                return token.end()
    return None


def without_managed_fields(text: str) -> str:
    """JSON text with empty lists in place of all managedFields, which are never stored."""
    kept, start = [], 0
    for at, end in _managed_fields(text):
        kept += [text[start:at], "[]"]
        start = end
    return "".join((*kept, text[start:]))


def _managed_fields(text: str) -> Iterator[tuple[int, int]]:
    """The start and end of each value of a key managedFields."""
    at = 0
    while token := _TOKEN.search(text, at):
        at = token.end()
        if token[0] == '"managedFields"' and (key := _MANAGED_FIELDS.match(text, token.start())):
            end = value_end(text, key.end())
            if end is None:
                return
            yield key.end(), end
            at = end
