"""A table as a section of `kubectl describe`: its title, the columns indented and underlined, lines never folded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.render.batches import arrays, pieces
from kevents.render.cells import cells
from kevents.render.colors import paint_cell
from kevents.render.fold import width
from kevents.render.visible import Visible

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 50_000
_INDENT = "  "
_GAP = 2  # cells between columns, as in kubectl
_RULE = 4  # dashes under a header at least: kubectl underlines Age with four


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The section as lines; `<none>` stands for a table without rows."""
    visible = Visible(result, wide=look.wide)
    is_empty = True
    for batch in pieces(result, _ROWS):
        visible.grows_with(batch)
        columns = visible.columns
        grid = [
            cells(column, array, batch, look) for column, array in zip(columns, arrays(batch, columns), strict=True)
        ]
        heads = [look.text(column.header) for column in columns] if look.headers else [""] * len(columns)
        rules = ["-" * max(width(head), _RULE) if head else "" for head in heads]
        widths = [
            max(map(width, [head, rule, *texts])) + _GAP for head, rule, texts in zip(heads, rules, grid, strict=True)
        ]
        above = [heads, rules] if look.headers and is_empty else []
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
    return (_INDENT + "".join(shown + blank for shown, blank in zip(painted, blanks, strict=True))).rstrip(" ")
