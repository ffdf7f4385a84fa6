"""The one cell formatter of the formats for people: a column of a batch becomes short, harmless text.

A missing time or amount is `-`, missing text is empty; only in SEEN it is `<unknown>`, as in kubectl's LAST SEEN.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import types

from kevents import clock
from kevents.render import drawing, units
from kevents.render.encoded import compact
from kevents.render.plain import Value, values
from kevents.result import Column, Kind

if TYPE_CHECKING:
    from kevents.render.look import Look

MISSING = "-"
RIGHT_ALIGNED = frozenset({Kind.NUMBER, Kind.DURATION, Kind.BYTES, Kind.PERCENT, Kind.RATE, Kind.OFFSET})

_INDENT = "  "
_WRITTEN = {"absolute", "clock"}
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
    """The column's cells, one a row; the batch gives a SEEN column its row's first_seen and count."""
    if column.kind in {Kind.TIME, Kind.SEEN} and types.is_timestamp(array.type):
        last = _microseconds(array)
        if column.kind is Kind.TIME:
            told = cache(partial(_time, look=look))
            return [MISSING if moment is None else told(moment) for moment in last]
        first = _microseconds(_sibling(batch, "first_seen", types.is_timestamp)) or last
        counts = _whole(_sibling(batch, "count", types.is_integer)) or [1] * len(last)
        return [_seen(*row, look) for row in zip(last, first, counts, strict=True)]
    if column.kind in {Kind.BAR, Kind.SPARK, Kind.STACK}:
        return _drawn(column.kind, values(array), look)
    if column.kind is Kind.BRANCH:
        depths = _whole(_sibling(batch, "depth", types.is_integer)) or [0] * len(array)
        return [_INDENT * (depth or 0) + _text(look, text) for depth, text in zip(depths, values(array), strict=True)]
    amount = _AMOUNTS.get(column.kind)
    write = partial(_amount, amount, look) if amount else partial(_text, look)
    if types.is_nested(array.type):
        return [write(value) for value in values(array)]
    remembered: Callable[..., str] = cache(write)  # most columns hold few different values
    return [remembered(value) for value in values(array)]


def _text(look: Look, value: Value) -> str:
    if isinstance(value, str):
        return look.text(value.strip())  # as kubectl does: probes' output ends in a newline
    return "" if value is None else look.text(compact(value))


def _amount(write: Callable[[float], str], look: Look, value: Value) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _text(look, value)
    text = write(value)
    return text if text.isascii() else look.text(text)


def _drawn(kind: Kind, found: list[Value], look: Look) -> list[str]:
    if kind is Kind.SPARK:
        draw = cache(partial(drawing.spark, slots=look.spark, blocks=look.draws))  # many rows hold one happening
        return [draw(tuple(row)) if isinstance(row, list) else "" for row in found]
    return _bars(found, look) if kind is Kind.BAR else _stacks(found, look)


def _bars(found: list[Value], look: Look) -> list[str]:
    amounts = [amount if isinstance(amount, int | float) else 0 for amount in found]
    largest = max(amounts, default=0)
    return [drawing.bar(amount, largest, look.bar, blocks=look.draws) for amount in amounts]


def _stacks(found: list[Value], look: Look) -> list[str]:
    rows = [[part or 0 for part in row] if isinstance(row, list) else None for row in found]
    largest = max((sum(row) for row in rows if row), default=0)
    return [drawing.stack(row, largest, look.stack, blocks=look.draws) for row in rows]


def _time(moment: int | None, look: Look) -> str:
    if moment is None:
        return clock.UNKNOWN
    if look.time in _WRITTEN:
        return _absolute(moment, look)
    elapsed = clock.age(_elapsed(moment, look))
    return elapsed if look.time == "age" else f"{elapsed} {_absolute(moment, look)}"


def _seen(last: int | None, first: int | None, count: int | None, look: Look) -> str:
    """As `kubectl events` prints it. An absolute time stands beside the span that the count really covers."""
    repeated = count is not None and count > 1
    shown = last if repeated else first
    if look.time in _WRITTEN:
        span = clock.UNKNOWN if last is None or first is None else clock.age((last - first) / 1e6)
        return _time(shown, look) + (f" (x{count} over {span})" if repeated else "")
    since_last, since_first = (None if moment is None else _elapsed(moment, look) for moment in (last, first))
    text = clock.interval_of_ages(since_last, since_first, count)
    return text if look.time == "age" or shown is None else f"{text} {_absolute(shown, look)}"


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
    """Times since 1970; integers, because an event's year may be beyond Python's datetime."""
    if array is None:
        return []
    times = array if array.type.unit == "us" else array.cast(pa.timestamp("us", array.type.tz), safe=False)
    return times.view(pa.int64()).to_pylist()  # type: ignore[no-any-return]


def _whole(array: pa.Array | None) -> list[int | None]:
    return [] if array is None else array.to_pylist()


def _sibling(batch: pa.RecordBatch, name: str, is_right: Callable[[pa.DataType], bool]) -> pa.Array | None:
    index = batch.schema.get_field_index(name)
    return batch.column(index) if index >= 0 and is_right(batch.schema.field(index).type) else None
