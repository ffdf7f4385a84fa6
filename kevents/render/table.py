"""The table, in kubectl's look: upper-case headers, three spaces between columns, nothing drawn around them.

The first batch decides the widths; in a result that goes on, what is wider later pushes its row to the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING

from kevents.render import section
from kevents.render.batches import arrays, pieces, severities
from kevents.render.cells import cells
from kevents.render.fold import widest, width
from kevents.render.layout import Layout
from kevents.render.legend import heading
from kevents.render.visible import Visible
from kevents.result import Column, Kind, Show

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.render.look import Look
    from kevents.result import Result

_Grid = list[list[str]]  # the cells, column by column

_ROWS = 50_000
_USUAL = {"namespace": 11, "type": 7, "reason": 16, "object": 30}  # what a stream begins with, for what may come
_ROOMY = 120  # cells of a line that has room for that
_WIDEST = 60  # one long name does not push aside all that comes after it
_GAP = 3  # cells between columns, at most
_SHORTEST = 8  # stacked bars are never drawn shorter
# what bars and sparklines shrink to where a line is too narrow, and whether columns that need room stay
_DRAWINGS = ((8, 24, True), (8, 12, True), (0, 12, True), (0, 12, False), (0, 0, False))


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as lines of aligned columns; the header comes again when a column comes in late."""
    if result.section:
        yield from section.chunks(result, look)
        return
    yield from heading(result, look)
    visible = Visible(result, wide=look.wide)
    layout: Layout | None = None
    known: dict[str, int] = {}
    was_cut = False
    for batch in pieces(result, _ROWS):
        lines: list[str] = []
        if visible.grows_with(batch) or layout is None:
            lines += [""] if layout else []
            layout, grid = _fitting(visible.columns, batch, look)
            if look.ticking:
                layout, grid = _growing(layout, known, batch)
            lines += layout.header()
        elif look.ticking:
            layout, grid = _growing(layout, known, batch)
        else:
            grid = _grid(layout.columns, batch, layout.look)
        rated = severities(batch, result.columns) if look.color else repeat(None, batch.num_rows)
        lines += layout.rows(grid, rated)
        was_cut |= bool(layout.cut)
        yield "\n".join(lines) + "\n"
    if was_cut:
        result.notes.append("Long texts are cut: --full shows them whole, and so does -o wide.")


def _growing(layout: Layout, known: dict[str, int], batch: pa.RecordBatch) -> tuple[Layout, _Grid]:
    """The layout of a stream: a column that once was wide stays so, and all rows behind it stand under each other."""
    grid = _grid(layout.columns, batch, layout.look)
    is_roomy = layout.look.width is None or layout.look.width >= _ROOMY
    for column, texts in zip(layout.columns, grid, strict=True):
        least = _USUAL.get(column.name, 0) if is_roomy else 0
        known[column.name] = max(known.get(column.name, least), *(min(width(text), _WIDEST) for text in texts))
    return Layout.fitting(layout.columns, grid, layout.look, known), grid


def _fitting(columns: tuple[Column, ...], batch: pa.RecordBatch, look: Look) -> tuple[Layout, _Grid]:
    """The layout with the largest drawings that leave a line for the rest, and its cells; at last no drawings."""
    grid = _grid(columns, batch, look)
    layout = Layout.fitting(columns, grid, look)
    if any(column.kind is Kind.STACK for column in columns) and look.width:
        look = replace(look, stack=_left_over(columns, grid, look))
        grid = _grid(columns, batch, look)
        layout = Layout.fitting(columns, grid, look)
    if any(column.kind in {Kind.BAR, Kind.SPARK} or column.show is Show.ROOMY for column in columns):
        for bar, spark, is_roomy in _DRAWINGS:
            if layout.is_easy:
                break
            gone = {kind for kind, size in ((Kind.BAR, bar), (Kind.SPARK, spark)) if not size}
            kept = tuple(c for c in columns if c.kind not in gone and (is_roomy or c.show is not Show.ROOMY))
            smaller = replace(look, bar=bar, spark=spark)
            grid = _grid(kept, batch, smaller)
            layout = Layout.fitting(kept, grid, smaller)
    return layout, grid


def _left_over(columns: tuple[Column, ...], grid: _Grid, look: Look) -> int:
    """The cells that the other columns leave to stacked bars."""
    others = [
        max(width(look.text(column.header)), widest(texts)) + _GAP
        for column, texts in zip(columns, grid, strict=True)
        if column.kind is not Kind.STACK
    ]
    return max((look.width or 0) - sum(others), _SHORTEST)


def _grid(columns: tuple[Column, ...], batch: pa.RecordBatch, look: Look) -> _Grid:
    return [cells(column, array, batch, look) for column, array in zip(columns, arrays(batch, columns), strict=True)]
