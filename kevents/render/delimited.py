r"""CSV and TSV: one row per line, with text that is safe for terminals and spreadsheets.

CSV has commas, quotes as in RFC 4180, and lines that end in \n. TSV has tabs between cells and never within them, so it
needs no quotes.
"""

from __future__ import annotations

import csv
import io
import re
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
# What a spreadsheet may take for a formula, also in fullwidth characters: at the start of a cell, and after a character
# that separates cells in other locales. Quotes are skipped, because it removes those around a cell.
_FORMULA = re.compile(r"(^|;)(?=[\"']*[=+\-@＝＋－＠\t\r])")
_FORMULA_IN_TSV = re.compile(r"(^|[;,])(?=[\"']*[=+\-@＝＋－＠\t\r])")


def csv_chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as comma-separated values."""
    for rows in _tables(result, look, _FORMULA):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        yield text.getvalue()


def tsv_chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as tab-separated values."""
    for rows in _tables(result, look, _FORMULA_IN_TSV):
        yield "".join("\t".join(row) + "\n" for row in rows)


def _tables(result: Result, look: Look, formula: re.Pattern[str]) -> Iterator[list[tuple[str, ...]]]:
    """The header, if there is one, then the cells of the rows in blocks."""
    columns = data_columns(result)
    guarded = formula if look.csv_guard else None
    if look.headers:
        yield [tuple(_text(column.name, guarded) for column in columns)]
    for batch in slices(result, _ROWS):
        cells = ([_cell(value, guarded) for value in values(array)] for array in arrays(batch, columns))
        yield list(zip(*cells, strict=True))


def _cell(value: Value, formula: re.Pattern[str] | None) -> str:
    if isinstance(value, str):
        return _text(value, formula)
    if isinstance(value, list | dict):
        return _text(compact(value), formula)
    return "" if value is None else compact(value)


def _text(text: str, formula: re.Pattern[str] | None) -> str:
    """Escaped text, with a guard where a formula could start. Numbers need no guard."""
    return escape(formula.sub(r"\1'", text) if formula else text)
