"""The few colours of a table, chosen to read on dark and on light terminals."""

from __future__ import annotations

import re

from rich.color import ColorSystem
from rich.style import Style

from kevents.render.batches import is_severity
from kevents.render.drawing import ASCII_FILLS, FILLS
from kevents.result import Column, Kind

_HEADER = Style(bold=True)
_TIME = Style(dim=True)

# Yellow, cyan and green cannot be read on a light terminal, blue not on a dark one; red and magenta can on both. What
# is routine steps back, and what is only worth reading looks like all else.
_SEVERITIES = {
    "critical": Style(color="red", bold=True, reverse=True),
    "error": Style(color="red"),
    "warning": Style(color="magenta"),
    "info": Style(dim=True),
}
_RATED = {"type", "reason"}  # columns whose cells take the colour of their row's severity

# of the series of stacked bars, in the order of their fills
_SERIES = tuple(
    Style(color=name) for name in ("blue", "yellow", "magenta", "cyan", "green", "red", "bright_blue", "bright_yellow")
)
_RUN = re.compile(r"(.)\1*")


def paint_header(text: str) -> str:
    """A column's header."""
    return _paint(_HEADER, text)


def paint_cell(column: Column, text: str, severity: str | None = None) -> str:
    """A cell: times step back, a severity and what is as bad as its row steps forward.

    severity: that of the row, None where nobody says; then a Warning is a warning.
    """
    if column.kind in {Kind.TIME, Kind.SEEN}:
        return _paint(_TIME, text)
    if is_severity(column):
        return _rated(text, text)
    if column.kind is Kind.STACK:
        return paint_stack(text)
    if column.name in _RATED:
        return _rated(text, severity)
    return text


def _rated(text: str, severity: str | None) -> str:
    style = _SEVERITIES.get(severity or text.lower())
    return _paint(style, text) if style else text


def paint_stack(text: str) -> str:
    """A stacked bar, each series in its colour; what is no fill steps back."""
    return _RUN.sub(lambda run: _paint(_of_fill(run.group(1)), run.group()), text)


def _of_fill(character: str) -> Style:
    index = max(FILLS.find(character), ASCII_FILLS.find(character))
    return _SERIES[index] if index >= 0 else _TIME


def _paint(style: Style, text: str) -> str:
    return style.render(text, color_system=ColorSystem.STANDARD) if text else text
