"""What is above a table: the heading, and the legend of stacked bars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.render import drawing
from kevents.render.fold import fold, width
from kevents.result import Kind

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_GAP = "   "


def legend(result: Result, look: Look) -> list[str]:
    """The lines of the legend: each series after its fill character. Empty without stacked bars."""
    series = [name for column in result.columns if column.kind is Kind.STACK for name in column.series]
    return [_GAP.join(line) for line in _lines(series, look)]


def _lines(series: list[str], look: Look) -> Iterator[list[str]]:
    line: list[str] = []
    used = 0
    for index, name in enumerate(series):
        text, mark = look.text(name), drawing.fill(index, blocks=look.draws)
        needed = width(text) + 2
        if line and look.width and used + len(_GAP) + needed > look.width:
            yield line
            line, used = [], 0
        used += needed + (len(_GAP) if line else 0)
        line.append(f"{_painted(mark, look)} {text}")
    if line:
        yield line


def _painted(mark: str, look: Look) -> str:
    if not look.color:
        return mark
    from kevents.render.colors import paint_stack

    return paint_stack(mark)


def heading(result: Result, look: Look) -> Iterator[str]:
    """The heading and legend as one chunk, if there are any."""
    texts = [look.text(line) for line in result.heading]
    lines = [line for text in texts for line in (fold(text, look.width) if look.width else [text])]
    lines += legend(result, look)
    if lines:
        yield "\n".join(lines) + "\n\n"
