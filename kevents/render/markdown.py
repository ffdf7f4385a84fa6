"""Markdown tables. Text in cells is escaped, so that it cannot be markup, a link or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kevents.render.batches import arrays, slices
from kevents.render.cells import RIGHT_ALIGNED, cells
from kevents.render.legend import legend
from kevents.render.visible import VisibleColumns
from kevents.result import Column

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 10_000
_MARKUP = re.compile(r"[\\`*_~|<>\[\]&]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as a Markdown table. If a column becomes visible later, a new table starts."""
    if above := [*map(look.text, result.heading), *legend(result, replace(look, color=False))]:
        yield "\n\n".join(_MARKUP.sub(_escaped, line) for line in above) + "\n\n"
    visible = VisibleColumns(result, wide=look.wide)
    columns: tuple[Column, ...] = ()
    for batch in slices(result, _ROWS):
        lines = []
        if visible.update(batch):
            lines = [""] if columns else []
            columns = visible.columns
            if look.headers:
                lines += [_row([look.text(column.header) for column in columns]), _rule(columns)]
        grid = (
            cells(column, array, batch, look) for column, array in zip(columns, arrays(batch, columns), strict=True)
        )
        lines += [_row(row) for row in zip(*grid, strict=True)]
        yield "\n".join(lines) + "\n"


def _row(texts: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(_MARKUP.sub(_escaped, text) for text in texts) + " |"


def _rule(columns: tuple[Column, ...]) -> str:
    return "| " + " | ".join("---:" if column.kind in RIGHT_ALIGNED else "---" for column in columns) + " |"


def _escaped(match: re.Match[str]) -> str:
    return _ENTITIES.get(match.group(), "\\" + match.group())
