r"""CSV: commas, quotes as RFC 4180 has them, lines that end in \n; line breaks within cells are escaped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.render.delimited import tables

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as comma-separated values."""
    for rows in tables(result, look):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        yield text.getvalue()
