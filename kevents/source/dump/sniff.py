"""Recognizes files that are not dumps of events, for an error message that says what to import instead."""

from __future__ import annotations

import re

from kevents.escape import escape

_INSTEAD = "import the output of `kubectl get events -A -o json` instead"

_MAGIC = (
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "an executable"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"k8s\x00", "a Kubernetes protobuf file"),
)
_TABLE = re.compile(r"(NAMESPACE\s+)?(LAST ?SEEN|FIRST ?SEEN|NAME\s+(READY|STATUS|AGE|DATA|TYPE|DESIRED))\s")
_MARKUP = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
_DESCRIBE = re.compile(r"Name:\s+\S|(Labels|Annotations|Namespace):\s{2,}\S")


def describe_binary(head: bytes) -> str | None:
    """A sentence about the type of a binary file; None for text."""
    for magic, file_type in _MAGIC:
        if head.startswith(magic):
            return f"this is {file_type}, not text"
    return "this is a binary file, not text" if b"\0" in head else None


def is_table(line: str) -> bool:
    """Whether the line is the header of a table printed by kubectl."""
    return _TABLE.match(line) is not None


def is_describe_output(line: str) -> bool:
    """Whether the output of `kubectl describe` can start with this line."""
    return _DESCRIBE.match(line) is not None


def describe_text(line: str) -> str:
    """A sentence about the type of a text that starts with this line, and what to import instead."""
    if is_table(line):
        return f"this is a table printed by kubectl, which omits most fields of an event: {_INSTEAD}"
    if _MARKUP.match(line):
        return f"this is an HTML or XML page, perhaps a proxy's error page or a login page: {_INSTEAD}"
    if is_describe_output(line):
        return f"this is the output of `kubectl describe`, which omits most fields of an event: {_INSTEAD}"
    return f"this is text without events, starting with `{excerpt(line)}`: {_INSTEAD}"


def excerpt(line: str) -> str:
    """The start of a line, safe to print."""
    return escape(line.strip()[:40])
