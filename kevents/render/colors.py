"""The colors of tables, chosen to be readable on dark and light terminals."""

from __future__ import annotations

import re

from rich.color import ColorSystem
from rich.style import Style

from kevents.render.batches import is_severity
from kevents.render.drawing import ASCII_FILLS, FILLS
from kevents.result import Column, Kind

_HEADER = Style(bold=True)
_TIME = Style(dim=True)

# Yellow, cyan and green are unreadable on a light terminal, and blue on a dark one. Red and magenta are readable on
# both. Severity info is dimmed, and notice has no color.
_SEVERITIES = {
    "critical": Style(color="red", bold=True, reverse=True),
    "error": Style(color="red"),
    "warning": Style(color="magenta"),
    "info": Style(dim=True),
}
_COLORED_BY_SEVERITY = {"type", "reason"}  # columns in the color of the row's severity

# in the order of the fill characters
_SERIES = tuple(
    Style(color=name) for name in ("blue", "yellow", "magenta", "cyan", "green", "red", "bright_blue", "bright_yellow")
)
_RUN = re.compile(r"(.)\1*")


def paint_header(text: str) -> str:
    """A column's header."""
    return _paint(_HEADER, text)


def paint_cell(column: Column, text: str, severity: str | None = None) -> str:
    """A cell: times are dimmed; severity, type and reason are colored by severity.

    severity: that of the row. If it is None, the type counts: a Warning is colored as a warning.
    """
    if column.kind in {Kind.TIME, Kind.TIMESTAMP, Kind.SEEN}:
        return _paint(_TIME, text)
    if is_severity(column):
        return _by_severity(text, text)
    if column.kind is Kind.STACK:
        return paint_stack(text)
    if column.name in _COLORED_BY_SEVERITY:
        return _by_severity(text, severity)
    return text


def _by_severity(text: str, severity: str | None) -> str:
    style = _SEVERITIES.get(severity or text.lower())
    return _paint(style, text) if style else text


def paint_stack(text: str) -> str:
    """A stacked bar, each series in its own color; other characters are dimmed."""
    return _RUN.sub(lambda run: _paint(_fill_style(run.group(1)), run.group()), text)


def _fill_style(character: str) -> Style:
    index = max(FILLS.find(character), ASCII_FILLS.find(character))
    return _SERIES[index] if index >= 0 else _TIME


def _paint(style: Style, text: str) -> str:
    return style.render(text, color_system=ColorSystem.STANDARD) if text else text
