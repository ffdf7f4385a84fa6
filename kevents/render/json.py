"""JSON and JSON Lines: objects, or Events in a List like kubectl's. Rows are written as they arrive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.escape import escape_json
from kevents.render.batches import data_columns, documents, slices
from kevents.render.json_text import Punctuation, as_go, indented, objects

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 10_000
_OBJECT = Punctuation("\n    {\n        ", ",\n        ", ": ", "\n    }")
_LINE = Punctuation("{", ",", ":", "}\n")
_ITEM = "\n        "
_LIST_OPEN = '{\n    "apiVersion": "v1",\n    "items": ['
_LIST_CLOSE = '],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n'


def chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as one JSON document."""
    return _for(look, _event_list(result) if result.document else _array(result))


def line_chunks(result: Result, look: Look) -> Iterator[str]:
    """The result as JSON Lines: one compact object, or one Event, per row."""
    return _for(look, _lines(result))


def _for(look: Look, texts: Iterator[str]) -> Iterator[str]:
    """The JSON texts; for a terminal, without the characters that it interprets."""
    return map(escape_json, texts) if look.is_terminal else texts


def _lines(result: Result) -> Iterator[str]:
    if result.document:
        for texts in documents(result, _ROWS):
            # in JSON text, line breaks are only between tokens
            yield "".join(text.replace("\n", " ").replace("\r", " ") + "\n" for text in texts)
        return
    columns = data_columns(result)
    for batch in slices(result, _ROWS):
        yield "".join(objects(batch, columns, _LINE))


def _array(result: Result) -> Iterator[str]:
    columns = data_columns(result)
    before = "["
    for batch in slices(result, _ROWS):
        rows = objects(batch, columns, _OBJECT)
        yield before + ",".join(rows)
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _event_list(result: Result) -> Iterator[str]:
    before = _LIST_OPEN
    for texts in documents(result, _ROWS):
        if texts:
            yield before + ",".join(_ITEM + as_go(indented(json.loads(text), _ITEM)) for text in texts)
            before = ","
    yield _LIST_OPEN + _LIST_CLOSE if before == _LIST_OPEN else "\n    " + _LIST_CLOSE
