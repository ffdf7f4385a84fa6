"""The layout of a table within the width of a terminal.

If possible, a row is one line, with its longest text wrapped within its column. If that column would be too narrow, its
text goes below the row. If even the other columns are too wide, the gaps shrink or columns continue on further lines.
No column is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING

from kevents.render.cells import RIGHT_ALIGNED
from kevents.render.colors import paint_cell, paint_header
from kevents.render.fold import fold, padded, widest, width
from kevents.result import Column, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kevents.render.look import Look

_GAP = "   "
_SMALL_GAP = "  "  # used if it avoids a second line
_INDENT = "    "  # of lines that continue a row
_MAX_LINES, _MAX_CELLS = 5, 480  # of one text, whichever allows more; few messages are longer
_MIN_WRAPPED_WIDTH = 30  # narrower text is hard to read


@dataclass(frozen=True)
class _Placement:
    """A column in its line. wrap_at: the number of cells after which its text is wrapped; None for never."""

    index: int
    width: int
    wrap_at: int | None = None

    def wrap(self, text: str) -> list[str]:
        return [text] if self.wrap_at is None or width(text) <= self.wrap_at else fold(text, self.wrap_at)


@dataclass(frozen=True)
class Layout:
    """The columns, distributed over the lines of a row.

    fits: whether one line is enough without wrapping a name. truncated: the columns in which text was truncated so far.
    """

    columns: tuple[Column, ...]
    lines: tuple[tuple[_Placement, ...], ...]
    look: Look
    fits: bool
    gap: str = _GAP
    truncated: set[int] = field(default_factory=set, compare=False)

    @classmethod
    def for_cells(
        cls, columns: tuple[Column, ...], grid: list[list[str]], look: Look, minimum: Mapping[str, int] | None = None
    ) -> Layout:
        """The layout for the cells of the first rows. minimum: the minimum width of columns, by name."""
        headers = [look.text(column.header) if look.headers else "" for column in columns]
        least = [(minimum or {}).get(column.name, 0) for column in columns]
        widths = [max(w, width(header), widest(texts)) for w, header, texts in zip(least, headers, grid, strict=True)]
        wrapped, is_prose = _column_to_wrap(columns, grid, widths)
        lines = _lines(widths, wrapped, look.width)
        is_complete = all(placement.width == widths[placement.index] for placement in lines[0])
        fits = len(lines) == 1 and (is_prose or is_complete)
        if fits or look.width is None or sum(widths) + len(_SMALL_GAP) * (len(widths) - 1) > look.width:
            return cls(columns, lines, look, fits)
        return cls(columns, _lines(widths, wrapped, None), look, fits, _SMALL_GAP)

    def header(self) -> list[str]:
        """The header lines; empty if headers are turned off."""
        if not self.look.headers:
            return []
        headers = [self.look.text(column.header) for column in self.columns]
        lines = []
        for number, placements in enumerate(self.lines):
            texts = [headers[placement.index] for placement in placements]
            lines.append(self._line(number, texts, [paint_header(t) for t in texts] if self.look.color else texts))
        return lines

    def rows(self, grid: Sequence[Sequence[str]], severities: Iterable[str | None]) -> Iterator[str]:
        """The lines of all rows. grid: the cells, column by column."""
        if len(self.lines) > 1 or self.look.color or any(placement.wrap_at is not None for placement in self.lines[0]):
            for texts, severity in zip(zip(*grid, strict=True), severities, strict=True):
                yield from self._row(texts, severity)
            return
        # large results are mostly piped, without wrapping and color
        columns = [
            padded(grid[placement.index], placement.width, right=self._is_right[placement.index])
            for placement in self.lines[0]
        ]
        for row in zip(*columns, strict=True):
            yield self.gap.join(row).rstrip(" ")

    def _row(self, texts: Sequence[str], severity: str | None) -> list[str]:
        """The lines of a row, colored by its severity, without empty lines at the end."""
        lines = []
        for number, placements in enumerate(self.lines):
            wrapped = [self._wrapped(placement, texts[placement.index]) for placement in placements]
            lines += [
                self._line(number, line, self._painted(placements, line, severity))
                for line in zip_longest(*wrapped, fillvalue="")
            ]
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        return lines

    @cached_property
    def _is_right(self) -> tuple[bool, ...]:
        """Which columns are right-aligned. Computed once, because hashing an enum member is slow."""
        return tuple(column.kind in RIGHT_ALIGNED for column in self.columns)

    def _wrapped(self, placement: _Placement, text: str) -> list[str]:
        """The lines of a cell, truncated to the maximum number of lines."""
        lines = placement.wrap(text)
        if self.look.full or placement.wrap_at is None:
            return lines
        max_lines = max(_MAX_LINES, _MAX_CELLS // placement.wrap_at)
        if len(lines) <= max_lines:
            return lines
        self.truncated.add(placement.index)
        last, mark = lines[max_lines - 1], self.look.ellipsis
        while width(last) + len(mark) > placement.wrap_at:
            last = last[:-1]
        return [*lines[: max_lines - 1], last + mark]

    def _painted(self, placements: tuple[_Placement, ...], texts: Sequence[str], severity: str | None) -> Sequence[str]:
        if not self.look.color:
            return texts
        cells = zip(placements, texts, strict=True)
        return [paint_cell(self.columns[placement.index], text, severity) for placement, text in cells]

    def _line(self, number: int, texts: Sequence[str], painted: Sequence[str]) -> str:
        """One line. The padding is outside of the color codes, so that trailing blanks can be removed."""
        cells = []
        for placement, text, cell in zip(self.lines[number], texts, painted, strict=True):
            blanks = " " * (placement.width - width(text))
            cells.append(blanks + cell if self._is_right[placement.index] else cell + blanks)
        return ((_INDENT if number else "") + self.gap.join(cells)).rstrip(" ")


def _column_to_wrap(columns: tuple[Column, ...], grid: list[list[str]], widths: list[int]) -> tuple[int | None, bool]:
    """The index of the widest text column with spaces, and True; or of the last text column, and False.

    Names, which have no spaces, are wrapped last because users copy them.
    """
    texts = [index for index, column in enumerate(columns) if column.kind is Kind.TEXT]
    prose = [index for index in texts if any(" " in text for text in grid[index])]
    if prose:
        return max(prose, key=lambda index: (widths[index], index)), True
    return max(texts, default=None), False


def _lines(widths: list[int], wrapped: int | None, limit: int | None) -> tuple[tuple[_Placement, ...], ...]:
    """The columns in as many lines as needed to stay within the limit."""
    placements = tuple(_Placement(index, cells) for index, cells in enumerate(widths))
    if limit is None:
        return (placements,)
    left = limit - sum(widths) - len(_GAP) * (len(widths) - 1)
    if wrapped is not None and (room := left + widths[wrapped]) >= _MIN_WRAPPED_WIDTH:
        placement = _Placement(wrapped, min(widths[wrapped], room), room)
        return ((*placements[:wrapped], placement, *placements[wrapped + 1 :]),)
    return (placements,) if left >= 0 else _packed(placements, wrapped, limit)


def _packed(placements: tuple[_Placement, ...], wrapped: int | None, limit: int) -> tuple[tuple[_Placement, ...], ...]:
    """As many columns in each line as fit. The wrapped column needs at least half a line, and ends its line."""
    enough = max(limit // 2, _MIN_WRAPPED_WIDTH)
    lines: list[tuple[_Placement, ...]] = [()]
    left = limit
    for placement in placements:
        if lines[-1] and placement.width > left and not (placement.index == wrapped and left >= enough):
            lines.append(())
            left = max(limit - len(_INDENT), _MIN_WRAPPED_WIDTH)
        is_too_wide = placement.width > left
        room = left if is_too_wide or (placement.index == wrapped and left >= enough) else None
        lines[-1] += (_Placement(placement.index, min(placement.width, left), room),)
        left = -1 if is_too_wide else left - placement.width - len(_GAP)
    return tuple(lines)
