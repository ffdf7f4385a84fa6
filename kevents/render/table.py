"""The table format, like kubectl's: upper-case headers, three spaces between columns, no borders.

The first batch determines the widths. In a streamed result, a cell that is wider later pushes its row to the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING

from kevents.render import section
from kevents.render.batches import arrays, severities, slices
from kevents.render.cells import cells
from kevents.render.fold import widest, width
from kevents.render.layout import Layout
from kevents.render.legend import heading
from kevents.render.visible import VisibleColumns
from kevents.result import Column, Kind, Show

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.render.look import Look
    from kevents.result import Result

_Grid = list[list[str]]  # the cells, column by column

_ROWS = 50_000
_STREAM_WIDTHS = {"namespace": 11, "type": 7, "reason": 16, "object": 30}  # initial widths, for rows still to come
_ROOMY = 120  # the terminal width from which the initial widths are used
_MAX_STREAM_WIDTH = 60  # a single long name does not move the columns of all later rows
_GAP = 3  # cells between columns, at most
_MIN_STACK = 8  # cells of the longest stacked bar
# for lines that are too narrow: cells of bars, characters of sparklines, whether columns that need room are shown
_SMALLER_DRAWINGS = ((8, 24, True), (8, 12, True), (0, 12, True), (0, 12, False), (0, 0, False))


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The lines of the table. The header is repeated if a column becomes visible later."""
    if result.section:
        yield from section.chunks(result, look)
        return
    yield from heading(result, look)
    visible = VisibleColumns(result, wide=look.wide)
    layout: Layout | None = None
    stream_widths: dict[str, int] = {}
    is_truncated = False
    for batch in slices(result, _ROWS):
        lines: list[str] = []
        if visible.update(batch) or layout is None:
            lines += [""] if layout else []
            layout, grid = _fitted(visible.columns, batch, look)
            if look.ticking:
                layout, grid = _streamed(layout, stream_widths, batch)
            lines += layout.header()
        elif look.ticking:
            layout, grid = _streamed(layout, stream_widths, batch)
        else:
            grid = _grid(layout.columns, batch, layout.look)
        row_severities = severities(batch, result.columns) if look.color else repeat(None, batch.num_rows)
        lines += layout.rows(grid, row_severities)
        is_truncated |= bool(layout.truncated)
        yield "\n".join(lines) + "\n"
    if is_truncated:
        result.notes.append("Long text is truncated; show it in full with --full or -o wide.")


def _streamed(layout: Layout, widths: dict[str, int], batch: pa.RecordBatch) -> tuple[Layout, _Grid]:
    """The layout of a streamed table, and the cells of the batch. Columns never shrink, so rows stay aligned."""
    grid = _grid(layout.columns, batch, layout.look)
    is_roomy = layout.look.width is None or layout.look.width >= _ROOMY
    for column, texts in zip(layout.columns, grid, strict=True):
        initial = _STREAM_WIDTHS.get(column.name, 0) if is_roomy else 0
        current = widths.get(column.name, initial)
        widths[column.name] = max(current, *(min(width(text), _MAX_STREAM_WIDTH) for text in texts))
    return Layout.for_cells(layout.columns, grid, layout.look, widths), grid


def _fitted(columns: tuple[Column, ...], batch: pa.RecordBatch, look: Look) -> tuple[Layout, _Grid]:
    """The layout and cells with the largest drawings with which a row fits on one line; without drawings if none do."""
    grid = _grid(columns, batch, look)
    layout = Layout.for_cells(columns, grid, look)
    if any(column.kind is Kind.STACK for column in columns) and look.width:
        look = replace(look, stack=_stack_cells(columns, grid, look))
        grid = _grid(columns, batch, look)
        layout = Layout.for_cells(columns, grid, look)
    if any(column.kind in {Kind.BAR, Kind.SPARK} or column.show is Show.ROOMY for column in columns):
        for bar, spark, is_roomy in _SMALLER_DRAWINGS:
            if layout.fits:
                break
            hidden = {kind for kind, size in ((Kind.BAR, bar), (Kind.SPARK, spark)) if not size}
            kept = tuple(c for c in columns if c.kind not in hidden and (is_roomy or c.show is not Show.ROOMY))
            smaller = replace(look, bar=bar, spark=spark)
            grid = _grid(kept, batch, smaller)
            layout = Layout.for_cells(kept, grid, smaller)
    return layout, grid


def _stack_cells(columns: tuple[Column, ...], grid: _Grid, look: Look) -> int:
    """The number of cells that the other columns leave for stacked bars."""
    others = [
        max(width(look.text(column.header)), widest(texts)) + _GAP
        for column, texts in zip(columns, grid, strict=True)
        if column.kind is not Kind.STACK
    ]
    return max((look.width or 0) - sum(others), _MIN_STACK)


def _grid(columns: tuple[Column, ...], batch: pa.RecordBatch, look: Look) -> _Grid:
    return [cells(column, array, batch, look) for column, array in zip(columns, arrays(batch, columns), strict=True)]
