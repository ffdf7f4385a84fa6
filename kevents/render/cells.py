"""Formats the cells of tables for people: short text that is safe for a terminal.

A missing time or amount is `-`, missing text is empty. A missing SEEN is `<unknown>`, as in kubectl's LAST SEEN.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import types

from kevents import clock
from kevents.render import drawing, units
from kevents.render.json_text import compact
from kevents.render.plain import Value, values
from kevents.result import Column, Kind

if TYPE_CHECKING:
    from kevents.render.look import Look

MISSING = "-"
RIGHT_ALIGNED = frozenset({Kind.NUMBER, Kind.DURATION, Kind.BYTES, Kind.PERCENT, Kind.RATE, Kind.OFFSET})

_INDENT = "  "
_WITHOUT_AGE = {"absolute", "clock"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AMOUNTS: dict[Kind, Callable[[float], str]] = {
    Kind.NUMBER: units.number,
    Kind.DURATION: clock.duration,
    Kind.BYTES: units.size,
    Kind.PERCENT: units.percent,
    Kind.RATE: units.rate,
    Kind.OFFSET: clock.offset,
}


def cells(column: Column, array: pa.Array, batch: pa.RecordBatch, look: Look) -> list[str]:
    """The cells of a column, one per row. A SEEN column also uses first_seen and count from the batch."""
    if column.kind in {Kind.TIME, Kind.TIMESTAMP, Kind.SEEN} and types.is_timestamp(array.type):
        return _times(column.kind, array, batch, look)
    if column.kind in {Kind.BAR, Kind.SPARK, Kind.STACK}:
        return _drawn(column.kind, values(array), look)
    if column.kind is Kind.BRANCH:
        depths = _integers(_other_column(batch, "depth", types.is_integer)) or [0] * len(array)
        return [_INDENT * (depth or 0) + _text(look, text) for depth, text in zip(depths, values(array), strict=True)]
    amount = _AMOUNTS.get(column.kind)
    write = partial(_amount, amount, look) if amount else partial(_text, look)
    if types.is_nested(array.type):
        return [write(value) for value in values(array)]
    cached: Callable[..., str] = cache(write)  # most columns have few distinct values
    return [cached(value) for value in values(array)]


def _times(kind: Kind, array: pa.Array, batch: pa.RecordBatch, look: Look) -> list[str]:
    if kind is Kind.TIMESTAMP:
        return _timestamps(array, look)
    last = _microseconds(array)
    if kind is Kind.TIME:
        format_time = cache(partial(_time, look=look))
        return [MISSING if moment is None else format_time(moment) for moment in last]
    first = _microseconds(_other_column(batch, "first_seen", types.is_timestamp)) or last
    counts = _integers(_other_column(batch, "count", types.is_integer)) or [1] * len(last)
    return [_seen(*row, look) for row in zip(last, first, counts, strict=True)]


def _text(look: Look, value: Value) -> str:
    if isinstance(value, str):
        return look.text(value.strip())  # like kubectl, because the output of probes ends with a newline
    return "" if value is None else look.text(compact(value))


def _amount(write: Callable[[float], str], look: Look, value: Value) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _text(look, value)
    text = write(value)
    return text if text.isascii() else look.text(text)


def _drawn(kind: Kind, column: list[Value], look: Look) -> list[str]:
    if kind is Kind.SPARK:
        draw = cache(partial(drawing.spark, slots=look.spark, blocks=look.draws))  # many rows have a single occurrence
        return [draw(tuple(row)) if isinstance(row, list) else "" for row in column]
    return _bars(column, look) if kind is Kind.BAR else _stacks(column, look)


def _bars(column: list[Value], look: Look) -> list[str]:
    amounts = [amount if isinstance(amount, int | float) else 0 for amount in column]
    largest = max(amounts, default=0)
    return [drawing.bar(amount, largest, look.bar, blocks=look.draws) for amount in amounts]


def _stacks(column: list[Value], look: Look) -> list[str]:
    rows = [[part or 0 for part in row] if isinstance(row, list) else None for row in column]
    largest = max((sum(row) for row in rows if row), default=0)
    return [drawing.stack(row, largest, look.stack, blocks=look.draws) for row in rows]


def _time(moment: int | None, look: Look) -> str:
    if moment is None:
        return clock.UNKNOWN
    if look.time in _WITHOUT_AGE:
        return _absolute(moment, look)
    elapsed = clock.age(_elapsed(moment, look))
    return elapsed if look.time == "age" else f"{elapsed} {_absolute(moment, look)}"


def _seen(last: int | None, first: int | None, count: int | None, look: Look) -> str:
    """Last seen as in `kubectl events`. With an absolute time, the span is the one that the count covers."""
    is_repeated = count is not None and count > 1
    moment = last if is_repeated else first
    if look.time in _WITHOUT_AGE:
        span = clock.UNKNOWN if last is None or first is None else clock.age((last - first) / 1e6)
        return _time(moment, look) + (f" (x{count} over {span})" if is_repeated else "")
    since_last, since_first = (None if time is None else _elapsed(time, look) for time in (last, first))
    text = clock.interval_of_ages(since_last, since_first, count)
    return text if look.time == "age" or moment is None else f"{text} {_absolute(moment, look)}"


def _timestamps(array: pa.Array, look: Look) -> list[str]:
    """Timestamps of the user's SQL: those without a time zone are written without one, and never as an age."""
    form = look.time if array.type.tz else "absolute"
    zone = look.zone if array.type.tz else None
    moments = _microseconds(array)
    if form != "absolute":
        return [MISSING if moment is None else _time(moment, look) for moment in moments]
    return [MISSING if moment is None else _exact(moment, zone) for moment in moments]


def _exact(moment: int, zone: tzinfo | None) -> str:
    try:
        time = _EPOCH + timedelta(microseconds=moment)
        return clock.exact(time, zone) if zone else clock.exact(time, UTC).removesuffix("Z")
    except OverflowError:  # DuckDB's infinity, or a year beyond 9999
        return clock.INVALID


def _elapsed(moment: int, look: Look) -> float:
    return (look.micros - moment) / 1e6


def _absolute(moment: int, look: Look) -> str:
    try:
        time = _EPOCH + timedelta(microseconds=moment)
        return (
            clock.time_of_day(time, look.moment, look.zone) if look.time == "clock" else clock.absolute(time, look.zone)
        )
    except OverflowError:  # DuckDB's infinity, or a year beyond 9999
        return clock.INVALID


def _microseconds(array: pa.Array | None) -> list[int | None]:
    """Times as microseconds since 1970, because an event's year can be out of range for Python's datetime."""
    if array is None:
        return []
    times = array if array.type.unit == "us" else array.cast(pa.timestamp("us", array.type.tz), safe=False)
    return times.view(pa.int64()).to_pylist()  # type: ignore[no-any-return]


def _integers(array: pa.Array | None) -> list[int | None]:
    return [] if array is None else array.to_pylist()


def _other_column(batch: pa.RecordBatch, name: str, has_type: Callable[[pa.DataType], bool]) -> pa.Array | None:
    index = batch.schema.get_field_index(name)
    return batch.column(index) if index >= 0 and has_type(batch.schema.field(index).type) else None
