"""The nesting depth of JSON text: one limit for everything that is read, checked without parsing.

Parsers recurse, and how deep they can go depends on the version of Python. This limit is below all of theirs.
"""

from __future__ import annotations

import re
from itertools import accumulate

MAX_DEPTH = 256  # nested objects and lists; an Event has about 10 levels

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # an incomplete one reaches to the end
_OPEN, _CLOSE = b"{[", b"}]"
_STEPS = bytes.maketrans(_OPEN + _CLOSE, b"\x01\x01\xff\xff")  # as signed bytes: 1 and -1
_OTHER = bytes(set(range(256)) - set(_OPEN + _CLOSE))


def is_too_deep(text: bytes | str) -> bool:
    """Whether JSON text has values that are nested deeper than MAX_DEPTH. Text that is not valid JSON is allowed."""
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if data.count(b"{") + data.count(b"[") <= MAX_DEPTH:
        return False
    steps = memoryview(_STRING.sub(b"", data).translate(_STEPS, _OTHER)).cast("b")
    return max(accumulate(steps), default=0) > MAX_DEPTH
