"""The few colours of a table, chosen to read on dark and on light terminals."""

from __future__ import annotations

import re

from rich.color import ColorSystem
from rich.style import Style

from kevents.render.drawing import ASCII_FILLS, FILLS
from kevents.result import Column, Kind

_HEADER = Style(bold=True)
_WARNING = Style(color="red")
_TIME = Style(dim=True)

# of the series of stacked bars, in the order of their fills
_SERIES = tuple(
    Style(color=name) for name in ("blue", "yellow", "magenta", "cyan", "green", "red", "bright_blue", "bright_yellow")
)
_RUN = re.compile(r"(.)\1*")


def paint_header(text: str) -> str:
    """A column's header."""
    return _paint(_HEADER, text)


def paint_cell(column: Column, text: str) -> str:
    """A cell: times step back, a Warning steps forward."""
    if column.kind in {Kind.TIME, Kind.SEEN}:
        return _paint(_TIME, text)
    if column.kind is Kind.STACK:
        return paint_stack(text)
    if column.name == "type" and text == "Warning":
        return _paint(_WARNING, text)
    return text


def paint_stack(text: str) -> str:
    """A stacked bar, each series in its colour; what is no fill steps back."""
    return _RUN.sub(lambda run: _paint(_of_fill(run.group(1)), run.group()), text)


def _of_fill(character: str) -> Style:
    index = max(FILLS.find(character), ASCII_FILLS.find(character))
    return _SERIES[index] if index >= 0 else _TIME


def _paint(style: Style, text: str) -> str:
    return style.render(text, color_system=ColorSystem.STANDARD) if text else text
