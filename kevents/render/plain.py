"""Converts Arrow values to plain JSON values, the same for all formats for scripts.

Times are ISO 8601, in UTC with Z (without Z if the timestamp has no time zone). NaN and infinity are null. Decimals
without fractional digits are integers. Bytes are base64, like in Kubernetes. Intervals are ISO 8601 durations.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from functools import singledispatch
from itertools import pairwise
from typing import Any

import pyarrow as pa
from pyarrow import types

Value = str | int | float | bool | list[Any] | dict[str, Any] | None

_OUT_OF_RANGE = {  # Arrow's text for DuckDB values that it does not support: infinite times, and the end of a day
    "<value out of range: 86400000000>": "24:00:00",
    "<value out of range: 2147483647>": "infinity",
    "<value out of range: -2147483647>": "-infinity",
    "<value out of range: 9223372036854775807>": "infinity",
    "<value out of range: -9223372036854775807>": "-infinity",
}


def values(array: pa.Array) -> list[Value]:
    """The values of an array. A nested array is converted by its child arrays instead of row by row."""
    for matches, read in _READERS:
        if matches(array.type):
            return list(read(array))
    return [_value(value) for value in array.to_pylist()]


def _timestamps(array: pa.Array) -> list[Value]:
    texts = _times(array.cast(pa.timestamp(array.type.unit)))
    suffix = "Z" if array.type.tz else ""
    return [text + suffix if text and text[-1].isdigit() else text for text in texts]


def _times(array: pa.Array) -> list[str | None]:
    """Times from Arrow's text, because Python's have no nanoseconds, no year after 9999 and no 24:00."""
    import pyarrow.compute as pc  # takes 30 ms, and most results do not need it

    text = array.cast(pa.string())
    text = pc.replace_substring_regex(text, r"^(-?\d+-\d\d-\d\d) ", r"\1T")
    text = pc.replace_substring_regex(text, r"\.0+$", "")
    text = pc.replace_substring_regex(text, r"(\.\d*[1-9])0+$", r"\1")
    return [_OUT_OF_RANGE.get(time, time) for time in text.to_pylist()]


def _lists(array: pa.Array) -> list[list[Any] | None]:
    if len(array) and not array.null_count and types.is_list(array.type):
        # the common case, which does not import Arrow's compute functions
        first, *ends = array.offsets.to_pylist()
        items = values(array.values.slice(first, ends[-1] - first))
        return [items[start - first : end - first] for start, end in pairwise((first, *ends))]
    items = values(array.flatten())
    rows: list[list[Any] | None] = []
    start = 0
    for length in array.value_lengths().to_pylist():
        if length is None:
            rows.append(None)
            continue
        rows.append(items[start : start + length])
        start += length
    return rows


def _structs(array: pa.Array) -> list[Value]:
    names = [array.type.field(index).name for index in range(array.type.num_fields)]
    fields = [values(field) for field in array.flatten()]
    rows: Iterable[tuple[Value, ...]] = zip(*fields, strict=True) if fields else [()] * len(array)
    return [
        dict(zip(names, row, strict=True)) if is_valid else None
        for is_valid, row in zip(array.is_valid().to_pylist(), rows, strict=True)
    ]


def _maps(array: pa.Array) -> list[Value]:
    """Maps become objects; their keys become text, as JSON requires."""
    entry = pa.struct([("key", array.type.key_type), ("value", array.type.item_type)])
    rows = _lists(array.cast(pa.list_(entry)))
    return [None if row is None else {str(pair["key"]): pair["value"] for pair in row} for row in rows]


@singledispatch
def _value(value: object) -> Value:
    """The JSON value of a Python value, for rare types."""
    return str(value)


@_value.register(str | int | None)
def _unchanged(value: str | int | None) -> Value:
    return value


@_value.register
def _number(value: float) -> Value:
    return value if math.isfinite(value) else None


@_value.register
def _decimal(value: Decimal) -> Value:
    return int(value) if value == value.to_integral_value() else float(value)


@_value.register
def _bytes(value: bytes) -> Value:
    return base64.b64encode(value).decode()


@_value.register(date | time)
def _date(value: date | time) -> Value:
    return value.isoformat().replace("+00:00", "Z")


@_value.register
def _span(value: timedelta) -> Value:
    return value.total_seconds()


@_value.register
def _mapping(value: dict) -> Value:  # type: ignore[type-arg]
    return {str(key): _value(item) for key, item in value.items()}


@_value.register(list | tuple)
def _sequence(value: list[object] | tuple[object, ...]) -> Value:
    return [_value(item) for item in value]


@_value.register
def _interval(value: pa.MonthDayNano) -> Value:
    """An ISO 8601 duration: P1M2DT3.5S."""
    sign, rest = ("-" if value.nanoseconds < 0 else ""), abs(value.nanoseconds)
    seconds = f"{sign}{rest // 10**9}.{rest % 10**9:09d}".rstrip("0").rstrip(".")
    date_part = (f"{value.months}M" if value.months else "") + (f"{value.days}D" if value.days else "")
    time_part = f"T{seconds}S" if value.nanoseconds or not date_part else ""
    return f"P{date_part}{time_part}"


# the types that are converted by array instead of value by value, the most frequent first
_READERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], Sequence[Value]]], ...] = (
    (types.is_string, pa.Array.to_pylist),
    (types.is_integer, pa.Array.to_pylist),
    (types.is_timestamp, _timestamps),
    (types.is_date, _times),
    (types.is_time, _times),
    (types.is_dictionary, lambda array: values(array.dictionary_decode())),
    (types.is_map, _maps),
    (types.is_struct, _structs),
    (types.is_list, _lists),
    (types.is_large_list, _lists),
    (types.is_fixed_size_list, _lists),
    (lambda kind: isinstance(kind, pa.OpaqueType), lambda array: values(array.storage)),
)
