"""TSV: a tab between cells and never within one, so that nothing needs quotes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.render.delimited import tables

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as tab-separated values."""
    for rows in tables(result, look):
        yield "".join("\t".join(row) + "\n" for row in rows)
