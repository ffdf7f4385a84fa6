"""A page of help: paragraphs, lists of words with what they mean, and lines that stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

Meanings = tuple[tuple[str, str], ...]
Lines = list[str]
Block = str | Meanings | Lines
Page = Sequence[Block]

_INDENT = "  "
_WIDEST = 28  # cells of a word; what a longer one means stands below it


def formatted(page: Page, width: int) -> str:
    """The page in lines of at most that width, but for those that stay as they are."""
    return "\n\n".join("\n".join(_lines(block, width)) for block in page) + "\n"


def _lines(block: Block, width: int) -> Iterator[str]:
    if isinstance(block, str):
        yield from wrap(block, width, break_on_hyphens=False)
    elif isinstance(block, list):
        yield from (_INDENT + line for line in block)
    else:
        yield from _listed(block, width)


def _listed(rows: Meanings, width: int) -> Iterator[str]:
    column = max((len(word) for word, _ in rows if len(word) <= _WIDEST), default=0) + 2
    for word, means in rows:
        first, *rest = wrap(means, width - column - len(_INDENT), break_on_hyphens=False) or [""]
        is_long = len(word) > column - 2
        yield _INDENT + (word if is_long else (word.ljust(column) + first).rstrip())
        yield from (_INDENT + " " * column + line for line in ([first, *rest] if is_long else rest))
