"""Formats a page of help: paragraphs, lists of terms with their meanings, and lines that are not wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

Meanings = tuple[tuple[str, str], ...]
Lines = list[str]
Block = str | Meanings | Lines
Page = Sequence[Block]

_INDENT = "  "
_MAX_TERM_WIDTH = 28  # columns; the meaning of a longer term starts on the next line


def formatted(page: Page, width: int) -> str:
    """The text of the page, wrapped to the width."""
    return "\n\n".join("\n".join(_lines(block, width)) for block in page) + "\n"


def _lines(block: Block, width: int) -> Iterator[str]:
    if isinstance(block, str):
        yield from wrap(block, width, break_on_hyphens=False)
    elif isinstance(block, list):
        yield from (_INDENT + line for line in block)
    else:
        yield from _meanings(block, width)


def _meanings(rows: Meanings, width: int) -> Iterator[str]:
    column = max((len(term) for term, _ in rows if len(term) <= _MAX_TERM_WIDTH), default=0) + 2
    for term, meaning in rows:
        first, *rest = wrap(meaning, width - column - len(_INDENT), break_on_hyphens=False) or [""]
        is_long = len(term) > column - 2
        yield _INDENT + (term if is_long else (term.ljust(column) + first).rstrip())
        yield from (_INDENT + " " * column + line for line in ([first, *rest] if is_long else rest))
