"""The few colours of a table, chosen to read on dark and on light terminals."""

from __future__ import annotations

from rich.color import ColorSystem
from rich.style import Style

from kevents.result import Column, Kind

_HEADER = Style(bold=True)
_WARNING = Style(color="red")
_TIME = Style(dim=True)


def paint_header(text: str) -> str:
    """A column's header."""
    return _paint(_HEADER, text)


def paint_cell(column: Column, text: str) -> str:
    """A cell: times step back, a Warning steps forward."""
    if column.kind in {Kind.TIME, Kind.SEEN}:
        return _paint(_TIME, text)
    if column.name == "type" and text == "Warning":
        return _paint(_WARNING, text)
    return text


def _paint(style: Style, text: str) -> str:
    return style.render(text, color_system=ColorSystem.STANDARD) if text else text
