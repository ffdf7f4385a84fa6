"""Where the columns of a table stand, within the width of a terminal.

A row is one line where that fits, with its longest text folded beside the rest. Where too few cells are left for that
text, it goes below its row; where even the rest is too wide, the columns stand closer, or go on below too. None is
ever left out.
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
_SMALL_GAP = "  "  # where that spares a second line
_INDENT = "    "  # of what goes on below its row
_LINES, _CELLS = 5, 480  # a text takes so many lines or cells, whichever is more; few messages are longer
_NARROWEST = 30  # text folded to fewer cells is hard to read


@dataclass(frozen=True)
class _Place:
    """Where a column stands in its line. room: the cells after which its text is folded, None for never."""

    index: int
    width: int
    room: int | None = None

    def parts(self, text: str) -> list[str]:
        return [text] if self.room is None or width(text) <= self.room else fold(text, self.room)


@dataclass(frozen=True)
class Layout:
    """The columns in the lines that each row takes. is_easy: a line is enough, and no name had to be cut for it.

    cut: the columns of which a text was too long so far.
    """

    columns: tuple[Column, ...]
    lines: tuple[tuple[_Place, ...], ...]
    look: Look
    is_easy: bool
    gap: str = _GAP
    cut: set[int] = field(default_factory=set, compare=False)

    @classmethod
    def fitting(
        cls, columns: tuple[Column, ...], grid: list[list[str]], look: Look, least: Mapping[str, int] | None = None
    ) -> Layout:
        """The layout in which the cells of the first rows fit. least: cells that a column of that name has at least."""
        heads = [look.text(column.header) if look.headers else "" for column in columns]
        known = [(least or {}).get(column.name, 0) for column in columns]
        widths = [max(w, width(head), widest(texts)) for w, head, texts in zip(known, heads, grid, strict=True)]
        folded, is_prose = _text_to_fold(columns, grid, widths)
        lines = _lines(widths, folded, look.width)
        is_whole = all(place.width == widths[place.index] for place in lines[0])
        is_easy = len(lines) == 1 and (is_prose or is_whole)
        if is_easy or look.width is None or sum(widths) + len(_SMALL_GAP) * (len(widths) - 1) > look.width:
            return cls(columns, lines, look, is_easy)
        return cls(columns, _lines(widths, folded, None), look, is_easy, _SMALL_GAP)

    def header(self) -> list[str]:
        """The lines above the rows, if they are wanted."""
        if not self.look.headers:
            return []
        heads = [self.look.text(column.header) for column in self.columns]
        lines = []
        for number, places in enumerate(self.lines):
            texts = [heads[place.index] for place in places]
            lines.append(self._line(number, texts, [paint_header(t) for t in texts] if self.look.color else texts))
        return lines

    def rows(self, grid: Sequence[Sequence[str]], severities: Iterable[str | None]) -> Iterator[str]:
        """The lines of all rows, whose cells come column by column."""
        if len(self.lines) > 1 or self.look.color or any(place.room is not None for place in self.lines[0]):
            for texts, severity in zip(zip(*grid, strict=True), severities, strict=True):
                yield from self._row(texts, severity)
            return
        # into a pipe, where there are most rows, nothing is folded or coloured
        columns = [padded(grid[place.index], place.width, right=self._is_right[place.index]) for place in self.lines[0]]
        for row in zip(*columns, strict=True):
            yield self.gap.join(row).rstrip(" ")

    def _row(self, texts: Sequence[str], severity: str | None) -> list[str]:
        """The lines of a row, coloured by its severity; those at its end that would be empty are left out."""
        written = []
        for number, places in enumerate(self.lines):
            parts = [self._parts(place, texts[place.index]) for place in places]
            written += [
                self._line(number, line, self._painted(places, line, severity))
                for line in zip_longest(*parts, fillvalue="")
            ]
        while len(written) > 1 and not written[-1]:
            written.pop()
        return written

    @cached_property
    def _is_right(self) -> tuple[bool, ...]:
        """Which columns stand at the right of their place, asked once: an enum hashes its members in Python."""
        return tuple(column.kind in RIGHT_ALIGNED for column in self.columns)

    def _parts(self, place: _Place, text: str) -> list[str]:
        """The lines of a cell, as many as a text may take."""
        parts = place.parts(text)
        if self.look.full or place.room is None or len(parts) <= (most := max(_LINES, _CELLS // place.room)):
            return parts
        self.cut.add(place.index)
        last, mark = parts[most - 1], self.look.ellipsis
        while width(last) + len(mark) > place.room:
            last = last[:-1]
        return [*parts[: most - 1], last + mark]

    def _painted(self, places: tuple[_Place, ...], texts: Sequence[str], severity: str | None) -> Sequence[str]:
        if not self.look.color:
            return texts
        cells = zip(places, texts, strict=True)
        return [paint_cell(self.columns[place.index], text, severity) for place, text in cells]

    def _line(self, number: int, texts: Sequence[str], painted: Sequence[str]) -> str:
        """Padding goes around the colours, so that no blank is left at the end of a line."""
        line = []
        for place, text, shown in zip(self.lines[number], texts, painted, strict=True):
            blanks = " " * (place.width - width(text))
            line.append(blanks + shown if self._is_right[place.index] else shown + blanks)
        return ((_INDENT if number else "") + self.gap.join(line)).rstrip(" ")


def _text_to_fold(columns: tuple[Column, ...], grid: list[list[str]], widths: list[int]) -> tuple[int | None, bool]:
    """The longest text of words, or else the last text; and which it is: names, which one copies, are cut last."""
    texts = [index for index, column in enumerate(columns) if column.kind is Kind.TEXT]
    of_words = [index for index in texts if any(" " in text for text in grid[index])]
    if of_words:
        return max(of_words, key=lambda index: (widths[index], index)), True
    return max(texts, default=None), False


def _lines(widths: list[int], folded: int | None, edge: int | None) -> tuple[tuple[_Place, ...], ...]:
    """The columns in as many lines as it takes to stay within the edge."""
    places = tuple(_Place(index, cells) for index, cells in enumerate(widths))
    if edge is None:
        return (places,)
    left = edge - sum(widths) - len(_GAP) * (len(widths) - 1)
    if folded is not None and (room := left + widths[folded]) >= _NARROWEST:
        place = _Place(folded, min(widths[folded], room), room)
        return ((*places[:folded], place, *places[folded + 1 :]),)
    return (places,) if left >= 0 else _packed(places, folded, edge)


def _packed(places: tuple[_Place, ...], folded: int | None, edge: int) -> tuple[tuple[_Place, ...], ...]:
    """As many columns in each line as it holds; one that is folded wants half of it at least, and ends it."""
    enough = max(edge // 2, _NARROWEST)
    lines: list[tuple[_Place, ...]] = [()]
    left = edge
    for place in places:
        if lines[-1] and place.width > left and not (place.index == folded and left >= enough):
            lines.append(())
            left = max(edge - len(_INDENT), _NARROWEST)
        is_cut = place.width > left
        room = left if is_cut or (place.index == folded and left >= enough) else None
        lines[-1] += (_Place(place.index, min(place.width, left), room),)
        left = -1 if is_cut else left - place.width - len(_GAP)
    return tuple(lines)
