"""What a file looks like that is no dump of events, and what to do instead."""

from __future__ import annotations

import re

from kevents.escape import escape

_INSTEAD = "import the output of `kubectl get events -A -o json` instead"

_MAGIC = (
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"k8s\x00", "Kubernetes' own binary format"),
)
_TABLE = re.compile(r"(NAMESPACE\s+)?(LAST ?SEEN|FIRST ?SEEN|NAME\s+(READY|STATUS|AGE|DATA|TYPE|DESIRED))\s")
_MARKUP = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
_DESCRIBED = re.compile(r"Name:\s+\S|(Labels|Annotations|Namespace):\s{2,}\S")


def binary(head: bytes) -> str | None:
    """What a file of binary data is, or None for text."""
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return f"this is {what}, no text"
    return "this is a binary file, no text" if b"\0" in head else None


def is_table(line: str) -> bool:
    """Whether the line is the header of a table printed by kubectl."""
    return _TABLE.match(line) is not None


def is_described(line: str) -> bool:
    """Whether the line is one that `kubectl describe` begins with."""
    return _DESCRIBED.match(line) is not None


def text(line: str) -> str:
    """What a text is that begins with this line, and what to import instead."""
    if is_table(line):
        return f"this is a table printed by kubectl, which leaves out most of an event: {_INSTEAD}"
    if _MARKUP.match(line):
        return f"this is an HTML or XML page, perhaps an error page of a proxy or a login: {_INSTEAD}"
    if is_described(line):
        return f"this is the output of `kubectl describe`, which leaves out most of an event: {_INSTEAD}"
    return f"this is text without events, beginning with `{quoted(line)}`: {_INSTEAD}"


def quoted(line: str) -> str:
    """The beginning of a line, fit to be shown."""
    return escape(line.strip()[:40])
