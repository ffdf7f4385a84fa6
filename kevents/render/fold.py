"""Cells of a terminal's line: how wide a text is, and where a long one is folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

from rich.cells import cell_len

_JOINTS = "/-:,=&"


def width(text: str) -> int:
    """The cells that a text takes: two for most of CJK and emoji, none for what combines."""
    return len(text) if text.isascii() else cell_len(text)


def widest(texts: Sequence[str]) -> int:
    """The cells that the widest of the texts takes, 0 where there is none."""
    if all(map(str.isascii, texts)):
        return max(map(len, texts), default=0)
    return max(map(width, set(texts)))


def padded(texts: Sequence[str], cells: int, *, right: bool) -> Iterator[str]:
    """The texts with blanks to so many cells, before them where they stand at the right."""
    pad = str.rjust if right else str.ljust
    if all(map(str.isascii, texts)):
        return map(pad, texts, repeat(cells))
    known = {text: pad(text, cells - width(text) + len(text)) for text in set(texts)}
    return map(known.__getitem__, texts)


def fold(text: str, room: int) -> list[str]:
    """The text in lines that fit: broken at spaces, within a word only where the word is too long for a line."""
    lines: list[str] = []
    line: str | None = None
    for word in text.split(" "):
        candidate = word if line is None else f"{line} {word}"
        if width(candidate) <= room:
            line = candidate
            continue
        if line is not None:
            lines.append(line)
        *full, line = _chop(word, room)
        lines += full
    return [*lines, line or ""]


def _chop(word: str, room: int) -> list[str]:
    """The word in pieces that fit, by cells; the parts of a path or a name stay whole if half a line is filled then."""
    pieces = []
    while width(word) > room:
        end = _fitting(word, room)
        joint = max(word.rfind(mark, 0, end) for mark in _JOINTS) + 1
        cut = joint if joint > end // 2 else end
        pieces.append(word[:cut])
        word = word[cut:]
    return [*pieces, word]


def _fitting(word: str, room: int) -> int:
    """How many of its characters fit, at least one."""
    taken = 0
    for index, character in enumerate(word):
        taken += width(character)
        if taken > room:
            return max(index, 1)
    return len(word)
