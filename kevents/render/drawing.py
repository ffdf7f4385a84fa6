"""Bars and sparklines, from block characters or ASCII."""

from __future__ import annotations

from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"  # the lowest is reserved for zero, so that small values stand out from it
_ASCII_LEVELS = "_.:-=+*#"

FILLS = "█▒▞░╳▚•·"  # neighbors can be distinguished without color
ASCII_FILLS = "#=o+x-:."
_GAP, _ASCII_GAP = "┈", " ."


def bar(value: float, largest: float, cells: int = 20, *, blocks: bool) -> str:
    """A bar as long as the value's share of the largest value. A value above zero has at least one character."""
    if value <= 0:
        return ""
    share = min(value / largest, 1.0)
    if not blocks:
        return "#" * max(round(share * cells), 1)
    full_cells, eighths = divmod(max(round(share * cells * 8), 1), 8)
    return "█" * full_cells + (_EIGHTHS[eighths] if eighths else "")


def spark(values: Sequence[float | None], slots: int | None = None, *, blocks: bool) -> str:
    """One character per number, as high as its share of the largest. slots: sum neighbors to have at most this many."""
    levels = _LEVELS if blocks else _ASCII_LEVELS
    heights = [value if value and value > 0 else 0 for value in values]
    if slots and len(heights) > slots:
        group = -(-len(heights) // slots)
        heights = [sum(heights[start : start + group]) for start in range(0, len(heights), group)]
    largest = max(heights, default=0)
    top = len(levels) - 1
    return "".join([levels[round(height / largest * top) or 1] if height else levels[0] for height in heights])


def stack(values: Sequence[float] | None, largest: float, cells: int, *, blocks: bool) -> str:
    """A bar with one segment per series, as long as the share of its sum in the largest sum.

    values: None for time that was not recorded, which looks different from an empty bar.
    """
    if values is None:
        return (_GAP if blocks else _ASCII_GAP) * (cells // len(_GAP if blocks else _ASCII_GAP))
    total = sum(values)
    if total <= 0:
        return ""
    length = max(round(total / largest * cells), 1)
    return "".join(fill(index, blocks=blocks) * n for index, n in enumerate(_shares(values, length)))


def fill(index: int, *, blocks: bool) -> str:
    """The fill character of a series."""
    fills = FILLS if blocks else ASCII_FILLS
    return fills[index % len(fills)]


def _shares(values: Sequence[float], length: int) -> list[int]:
    """The number of cells per value. Each value above zero gets one if possible, the rest is distributed by share."""
    shares = [0] * len(values)
    largest_first = sorted((index for index, value in enumerate(values) if value > 0), key=lambda index: -values[index])
    for index in largest_first[:length]:
        shares[index] = 1
    total = sum(values)
    for _ in range(length - sum(shares)):
        most_underrepresented = max(largest_first, key=lambda index: values[index] / total * length - shares[index])
        shares[most_underrepresented] += 1
    return shares
