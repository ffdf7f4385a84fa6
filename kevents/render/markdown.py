"""Markdown: a table whose cells can hold no markup, no link and no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kevents.render.batches import arrays, pieces
from kevents.render.cells import RIGHT_ALIGNED, cells
from kevents.render.legend import legend
from kevents.render.visible import Visible
from kevents.result import Column

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 10_000
_MARKUP = re.compile(r"[\\`*_~|<>\[\]&]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as a Markdown table; a new one begins when a column comes in late."""
    if above := [*map(look.text, result.heading), *legend(result, replace(look, color=False))]:
        yield "\n\n".join(_MARKUP.sub(_harmless, line) for line in above) + "\n\n"
    visible = Visible(result, wide=look.wide)
    columns: tuple[Column, ...] = ()
    for batch in pieces(result, _ROWS):
        lines = []
        if visible.grows_with(batch):
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
    return "| " + " | ".join(_MARKUP.sub(_harmless, text) for text in texts) + " |"


def _rule(columns: tuple[Column, ...]) -> str:
    return "| " + " | ".join("---:" if column.kind in RIGHT_ALIGNED else "---" for column in columns) + " |"


def _harmless(match: re.Match[str]) -> str:
    return _ENTITIES.get(match.group(), "\\" + match.group())
