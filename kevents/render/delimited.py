r"""CSV and TSV: one row per line, with text that is safe for terminals and spreadsheets.

CSV has commas, quotes as in RFC 4180, and lines that end in \n. TSV has tabs between cells and never within them, so it
needs no quotes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.escape import escape
from kevents.render.batches import arrays, data_columns, slices
from kevents.render.json_text import compact
from kevents.render.plain import Value, values

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 10_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as comma-separated values."""
    for rows in _tables(result, look):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        yield text.getvalue()


def tsv_chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as tab-separated values."""
    for rows in _tables(result, look):
        yield "".join("\t".join(row) + "\n" for row in rows)


def _tables(result: Result, look: Look) -> Iterator[list[tuple[str, ...]]]:
    """The header, if there is one, then the cells of the rows in blocks."""
    columns = data_columns(result)
    if look.headers:
        yield [tuple(_text(column.name, look) for column in columns)]
    for batch in slices(result, _ROWS):
        cells = ([_cell(value, look) for value in values(array)] for array in arrays(batch, columns))
        yield list(zip(*cells, strict=True))


def _cell(value: Value, look: Look) -> str:
    if isinstance(value, str):
        return _text(value, look)
    return "" if value is None else escape(compact(value))


def _text(text: str, look: Look) -> str:
    """Escaped text, with a guard if it could be a formula. Numbers need no guard."""
    guard = "'" if look.csv_guard and text.startswith(_FORMULA_STARTS) else ""
    return guard + escape(text)
