"""The values that machines read: what JSON can hold, the same in every machine format.

Times are ISO 8601, in UTC with Z (a timestamp without zone stays without); NaN and infinity are null; decimals without
digits behind the point are integers; bytes are base64, as Kubernetes writes them; intervals are ISO 8601 durations.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from functools import singledispatch
from itertools import pairwise
from typing import Any

import pyarrow as pa
from pyarrow import types

Value = str | int | float | bool | list[Any] | dict[str, Any] | None

_NAMED = {  # how Arrow prints what DuckDB has and Arrow has not: the ends of time and of a day
    "<value out of range: 86400000000>": "24:00:00",
    "<value out of range: 2147483647>": "infinity",
    "<value out of range: -2147483647>": "-infinity",
    "<value out of range: 9223372036854775807>": "infinity",
    "<value out of range: -9223372036854775807>": "-infinity",
}


def values(array: pa.Array) -> list[Value]:
    """The values of an array, column-wise: a nested array is taken apart instead of its rows."""
    for is_of, read in _READERS:
        if is_of(array.type):
            return list(read(array))
    return [_value(value) for value in array.to_pylist()]


def _timestamps(array: pa.Array) -> list[Value]:
    texts = _times(array.cast(pa.timestamp(array.type.unit)))
    suffix = "Z" if array.type.tz else ""
    return [text + suffix if text and text[-1].isdigit() else text for text in texts]


def _times(array: pa.Array) -> list[str | None]:
    """Through Arrow's own text: Python's times end at the year 9999 and at 24:00, and know no nanoseconds."""
    import pyarrow.compute as pc  # which makes hundreds of functions: 30 ms that most answers need not wait for

    text = array.cast(pa.string())
    text = pc.replace_substring_regex(text, r"^(-?\d+-\d\d-\d\d) ", r"\1T")
    text = pc.replace_substring_regex(text, r"\.0+$", "")
    text = pc.replace_substring_regex(text, r"(\.\d*[1-9])0+$", r"\1")
    return [_NAMED.get(time, time) for time in text.to_pylist()]


def _lists(array: pa.Array) -> list[list[Any] | None]:
    if len(array) and not array.null_count and types.is_list(array.type):
        # without Arrow's functions, as almost all lists are read
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
    return [
        dict(zip(names, row, strict=True)) if there else None
        for there, row in zip(array.is_valid().to_pylist(), zip(*fields, strict=True), strict=True)
    ]


def _maps(array: pa.Array) -> list[Value]:
    """Maps become objects; JSON's keys are text, so others are written as text."""
    entry = pa.struct([("key", array.type.key_type), ("value", array.type.item_type)])
    rows = _lists(array.cast(pa.list_(entry)))
    return [None if row is None else {str(pair["key"]): pair["value"] for pair in row} for row in rows]


@singledispatch
def _value(value: object) -> Value:
    """One value of a rare type, as Python knows it."""
    return str(value)


@_value.register(str | int | None)
def _as_it_is(value: str | int | None) -> Value:
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


# how the types are read that need not go through Python's own value of them, the frequent first
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
