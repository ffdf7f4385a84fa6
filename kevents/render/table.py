"""The table, in kubectl's look: upper-case headers, three spaces between columns, nothing drawn around them.

The first batch decides the widths; in a result that goes on, what is wider later pushes its row to the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kevents.render.batches import arrays, pieces
from kevents.render.cells import RIGHT_ALIGNED, cells
from kevents.render.colors import paint_cell, paint_header
from kevents.render.fold import fold, width
from kevents.render.visible import Visible
from kevents.result import Column, Kind

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 50_000
_GAP = "   "
_NARROWEST = 30  # below this many cells a folded column is harder to read than lines that the terminal wraps


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as lines of aligned columns; the header comes again when a column comes in late."""
    visible = Visible(result, wide=look.wide)
    layout: _Layout | None = None
    for batch in pieces(result, _ROWS):
        lines: list[str] = []
        grows = visible.grows_with(batch)
        columns = visible.columns
        grid = [
            cells(column, array, batch, look) for column, array in zip(columns, arrays(batch, columns), strict=True)
        ]
        if layout is None or grows:
            lines += [""] if layout else []
            layout = _Layout.fitting(columns, grid, look)
            lines += layout.header()
        for row in zip(*grid, strict=True):
            lines += layout.row(row)
        yield "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Layout:
    """Where each column stands. folded: the index of the column that is folded, and the cells it may take."""

    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    look: Look
    folded: tuple[int, int] | None = None

    @classmethod
    def fitting(cls, columns: tuple[Column, ...], grid: list[list[str]], look: Look) -> _Layout:
        """The layout in which every cell of the first rows fits."""
        heads = [column.header if look.headers else "" for column in columns]
        widths = [max(map(width, [look.text(head), *texts])) for head, texts in zip(heads, grid, strict=True)]
        last_text = max((index for index, column in enumerate(columns) if column.kind is Kind.TEXT), default=None)
        if look.width is None or last_text is None:
            return cls(columns, tuple(widths), look)
        room = look.width - sum(widths) + widths[last_text] - len(_GAP) * (len(widths) - 1)
        if room < _NARROWEST:
            return cls(columns, tuple(widths), look)
        widths[last_text] = min(widths[last_text], room)
        return cls(columns, tuple(widths), look, (last_text, room))

    def header(self) -> list[str]:
        """The line above the columns, if it is wanted."""
        if not self.look.headers:
            return []
        texts = [self.look.text(column.header) for column in self.columns]
        return [self._line(texts, [paint_header(text) if self.look.color else text for text in texts])]

    def row(self, texts: tuple[str, ...]) -> list[str]:
        """The line of a row, and the lines under it that a folded cell goes on in."""
        if self.folded is None or width(texts[self.folded[0]]) <= self.folded[1]:
            return [self._painted(texts)]
        index, room = self.folded
        parts = fold(texts[index], room)
        first = (*texts[:index], parts[0], *texts[index + 1 :])
        blanks = ("",) * len(texts)
        return [
            self._painted(first),
            *(self._painted((*blanks[:index], part, *blanks[index + 1 :])) for part in parts[1:]),
        ]

    def _painted(self, texts: tuple[str, ...]) -> str:
        if not self.look.color:
            return self._line(texts, texts)
        return self._line(texts, [paint_cell(c, text) for c, text in zip(self.columns, texts, strict=True)])

    def _line(self, texts: tuple[str, ...] | list[str], painted: tuple[str, ...] | list[str]) -> str:
        """Padding goes around the colours, so that no blank is left at the end of a line."""
        line = []
        for column, text, shown, room in zip(self.columns, texts, painted, self.widths, strict=True):
            blanks = " " * (room - width(text))
            line.append(blanks + shown if column.kind in RIGHT_ALIGNED else shown + blanks)
        return _GAP.join(line).rstrip(" ")
