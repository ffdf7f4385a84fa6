"""Encodes values as JSON, column by column: the keys are the same for all rows, so a row is a filled-in template."""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from pyarrow import types

from kevents.escape import escape_lone_surrogates
from kevents.render.batches import arrays
from kevents.render.plain import values

if TYPE_CHECKING:
    from kevents.result import Column


def compact(value: object) -> str:
    """One value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Punctuation(NamedTuple):
    """The text around the keys and values of an object."""

    start: str
    comma: str
    colon: str
    end: str


def objects(batch: pa.RecordBatch, columns: tuple[Column, ...], punctuation: Punctuation) -> list[str]:
    """Each row as a JSON object."""
    keys = (encode_basestring(column.name).replace("%", "%%") for column in columns)
    members = punctuation.comma.join(f"{key}{punctuation.colon}%s" for key in keys)
    template = punctuation.start + members + punctuation.end
    return [template % row for row in zip(*(_encoded(array) for array in arrays(batch, columns)), strict=True)]


def _encoded(array: pa.Array) -> list[str]:
    if types.is_integer(array.type):
        return ["null" if value is None else str(value) for value in array.to_pylist()]
    return [encode_basestring(value) if isinstance(value, str) else compact(value) for value in values(array)]


def indented(value: object, margin: str = "\n") -> str:
    """A document as kubectl prints it: sorted keys, indented by 4 spaces.

    margin: the line break and indentation before the closing bracket.
    """
    if isinstance(value, str):
        return encode_basestring(value)
    inner = margin + "    "
    if isinstance(value, dict):
        items = [f"{encode_basestring(key)}: {indented(value[key], inner)}" for key in sorted(value)]
        return "{" + inner + f",{inner}".join(items) + margin + "}" if items else "{}"
    if isinstance(value, list):
        return "[" + inner + f",{inner}".join(indented(item, inner) for item in value) + margin + "]" if value else "[]"
    return compact(value)


def as_go(text: str) -> str:
    r"""JSON text escaped like Go's encoder does (`\u003c` for <), so that the output equals that of kubectl."""
    for character in "<>&\u2028\u2029":
        if character in text:
            text = text.replace(character, f"\\u{ord(character):04x}")
    return escape_lone_surrogates(text)
