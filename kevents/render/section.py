"""A table as a section of `kubectl describe`: a title, indented columns with underlined headers, no wrapping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.render.batches import arrays, slices
from kevents.render.cells import cells
from kevents.render.colors import paint_cell
from kevents.render.fold import width
from kevents.render.visible import VisibleColumns

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 50_000
_INDENT = "  "
_GAP = 2  # cells between columns, as in kubectl
_MIN_UNDERLINE = 4  # dashes; kubectl underlines Age with four


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The lines of the section; `<none>` if there are no rows."""
    visible = VisibleColumns(result, wide=look.wide)
    is_empty = True
    for batch in slices(result, _ROWS):
        visible.update(batch)
        columns = visible.columns
        grid = [
            cells(column, array, batch, look) for column, array in zip(columns, arrays(batch, columns), strict=True)
        ]
        headers = [look.text(column.header) for column in columns] if look.headers else [""] * len(columns)
        underlines = ["-" * max(width(header), _MIN_UNDERLINE) if header else "" for header in headers]
        widths = [
            max(map(width, [header, underline, *texts])) + _GAP
            for header, underline, texts in zip(headers, underlines, grid, strict=True)
        ]
        above = [headers, underlines] if look.headers and is_empty else []
        lines = [f"{result.section}:"] if above else []
        lines += [_line(row, row, widths) for row in above]
        for row in zip(*grid, strict=True):
            painted = [paint_cell(c, text) for c, text in zip(columns, row, strict=True)] if look.color else row
            lines.append(_line(row, painted, widths))
        is_empty = False
        yield "\n".join(lines) + "\n"
    if is_empty:
        yield f"{result.section}:  <none>\n"


def _line(texts: list[str] | tuple[str, ...], painted: list[str] | tuple[str, ...], widths: list[int]) -> str:
    blanks = [" " * (room - width(text)) for text, room in zip(texts, widths, strict=True)]
    return (_INDENT + "".join(cell + blank for cell, blank in zip(painted, blanks, strict=True))).rstrip(" ")
