"""Measures and wraps text by the cells that it takes on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

from rich.cells import cell_len

_BREAK_AFTER = "/-:,=&"


def width(text: str) -> int:
    """The number of cells of a text: two for most CJK characters and emoji, zero for combining characters."""
    return len(text) if text.isascii() else cell_len(text)


def widest(texts: Sequence[str]) -> int:
    """The number of cells of the widest text; 0 without texts."""
    if all(map(str.isascii, texts)):
        return max(map(len, texts), default=0)
    return max(map(width, set(texts)))


def padded(texts: Sequence[str], cells: int, *, right: bool) -> Iterator[str]:
    """The texts padded with blanks to this number of cells. right: align them to the right."""
    pad = str.rjust if right else str.ljust
    if all(map(str.isascii, texts)):
        return map(pad, texts, repeat(cells))
    padded_by_text = {text: pad(text, cells - width(text) + len(text)) for text in set(texts)}
    return map(padded_by_text.__getitem__, texts)


def fold(text: str, room: int) -> list[str]:
    """The text in lines that fit, wrapped at spaces; within a word only if the word is too long for a line."""
    lines: list[str] = []
    line: str | None = None
    for word in text.split(" "):
        candidate = word if line is None else f"{line} {word}"
        if width(candidate) <= room:
            line = candidate
            continue
        if line is not None:
            lines.append(line)
        *full_lines, line = _split(word, room)
        lines += full_lines
    return [*lines, line or ""]


def _split(word: str, room: int) -> list[str]:
    """The word in pieces that fit, broken between the parts of a path or name unless that leaves half a line empty."""
    pieces = []
    while width(word) > room:
        end = _fitting(word, room)
        part_end = max(word.rfind(mark, 0, end) for mark in _BREAK_AFTER) + 1
        cut = part_end if part_end > end // 2 else end
        pieces.append(word[:cut])
        word = word[cut:]
    return [*pieces, word]


def _fitting(word: str, room: int) -> int:
    """How many characters of the word fit, at least one."""
    used = 0
    for index, character in enumerate(word):
        used += width(character)
        if used > room:
            return max(index, 1)
    return len(word)
