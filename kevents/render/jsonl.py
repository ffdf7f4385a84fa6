"""JSON lines: one compact object, or one Event, a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.render.batches import data_columns, documents, pieces
from kevents.render.encoded import Braces, objects

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 10_000
_OBJECT = Braces("{", ",", ":", "}\n")


def chunks(result: Result, _: Look) -> Iterator[str]:
    """The result, a row a line."""
    if result.document:
        for texts in documents(result, _ROWS):
            # a line break in JSON text stands between its tokens only
            yield "".join(text.replace("\n", " ").replace("\r", " ") + "\n" for text in texts)
        return
    columns = data_columns(result)
    for batch in pieces(result, _ROWS):
        yield "".join(objects(batch, columns, _OBJECT))
