"""Bars and sparklines, with ASCII for an output that has no block characters."""

from __future__ import annotations

from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"  # the lowest for nothing, so that little is not taken for nothing
_ASCII_LEVELS = "_.:-=+*#"


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
    heights = [max(value or 0, 0) for value in values]
    if slots and len(heights) > slots:
        together = -(-len(heights) // slots)
        heights = [sum(heights[start : start + together]) for start in range(0, len(heights), together)]
    largest = max(heights, default=0)
    top = len(levels) - 1
    return "".join(levels[max(round(height / largest * top), 1)] if height else levels[0] for height in heights)
