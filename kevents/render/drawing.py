"""Bars and sparklines, with ASCII for an output that has no block characters."""

from __future__ import annotations

from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"  # the lowest for nothing, so that little is not taken for nothing
_ASCII_LEVELS = "_.:-=+*#"

FILLS = "█▒▞░╳▚•·"  # neighbours differ without colours
ASCII_FILLS = "#=o+x-:."
_GAP, _ASCII_GAP = "┈", " ."


def bar(value: float, largest: float, cells: int = 20, *, blocks: bool) -> str:
    """A bar as long as the value's share of the largest, which takes all cells; more than nothing shows."""
    if value <= 0:
        return ""
    share = min(value / largest, 1.0)
    if not blocks:
        return "#" * max(round(share * cells), 1)
    whole, eighths = divmod(max(round(share * cells * 8), 1), 8)
    return "█" * whole + (_EIGHTHS[eighths] if eighths else "")


def spark(values: Sequence[float | None], slots: int | None = None, *, blocks: bool) -> str:
    """One character a number, as high as its share of the largest; neighbours are summed into so many slots."""
    levels = _LEVELS if blocks else _ASCII_LEVELS
    heights = [value if value and value > 0 else 0 for value in values]
    if slots and len(heights) > slots:
        together = -(-len(heights) // slots)
        heights = [sum(heights[start : start + together]) for start in range(0, len(heights), together)]
    largest = max(heights, default=0)
    top = len(levels) - 1
    return "".join([levels[round(height / largest * top) or 1] if height else levels[0] for height in heights])


def stack(values: Sequence[float] | None, largest: float, cells: int, *, blocks: bool) -> str:
    """A bar of segments, one a number in its series' fill, all as long as their sum's share of the largest sum.

    None is a time that nobody watched, which is no empty bar. More than nothing shows where there is a cell for it.
    """
    if values is None:
        return (_GAP if blocks else _ASCII_GAP) * (cells // len(_GAP if blocks else _ASCII_GAP))
    total = sum(values)
    if total <= 0:
        return ""
    length = max(round(total / largest * cells), 1)
    return "".join(fill(index, blocks=blocks) * n for index, n in enumerate(_shares(values, length)))


def fill(index: int, *, blocks: bool) -> str:
    """The character that a series is drawn with."""
    fills = FILLS if blocks else ASCII_FILLS
    return fills[index % len(fills)]


def _shares(values: Sequence[float], length: int) -> list[int]:
    """Cells for each value: a cell for all that is there as far as they go, the largest first; the rest by shares."""
    shares = [0] * len(values)
    largest_first = sorted((index for index, value in enumerate(values) if value > 0), key=lambda index: -values[index])
    for index in largest_first[:length]:
        shares[index] = 1
    total = sum(values)
    for _ in range(length - sum(shares)):
        wanting = max(largest_first, key=lambda index: values[index] / total * length - shares[index])
        shares[wanting] += 1
    return shares
