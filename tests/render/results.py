"""Sample results, and a function that renders them, for the tests of all formats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from kevents.render import formats
from kevents.render.look import Look
from kevents.result import Column, Kind, Result, Show

NOW = datetime(2026, 11, 21, 0, 35, 17, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")

LIST_COLUMNS = (
    Column("cluster", show=Show.VARIES),
    Column("namespace", show=Show.VARIES),
    Column("last_seen", Kind.SEEN),
    Column("type"),
    Column("reason"),
    Column("object"),
    Column("message"),
    Column("first_seen", Kind.TIME, Show.WIDE),
    Column("count", Kind.NUMBER, Show.WIDE),
    Column("event_name", show=Show.DATA, label="NAME"),
)

HOSTILE = (
    "\x1b]0;owned\x07",
    "\x9b2J",
    "[/x][red]a[link=http://evil]b",
    "two\nlines\r\n",
    "a\ttab",
    "\u202egnirts\u2066",
    "\u2028\u2029\u0085",
    "=cmd|'/c calc'!A1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    'quote " comma, ; pipe | back\\slash `tick` <script>&amp;',
    "中文 🚀",
    "- not: a # list",
    "null",
    "2026-11-20",
    "1e5",
    "",
    " spaced ",
    "%s %(a)s {0}",
)


def rendered(result: Result, format_name: str, **look: Any) -> str:
    """The complete result in a format."""
    settings = Look(**({"now": NOW, "wide": format_name == "wide"} | look))
    return "".join(str(chunk) for chunk in formats.find(format_name).chunks(result, settings))


def observation(**columns: Any) -> dict[str, Any]:
    """A row of `kevents list`: by default a repeated BackOff."""
    row = {
        "cluster": "prod",
        "namespace": "demo",
        "last_seen": NOW - timedelta(minutes=19),
        "type": "Warning",
        "reason": "BackOff",
        "object": "Pod/web-1",
        "message": "Back-off restarting",
        "first_seen": NOW - timedelta(hours=17),
        "count": 4524,
        "event_name": "web-1.18e9e7235a481554",
    }
    return row | columns


def batch(*rows: dict[str, Any]) -> pa.RecordBatch:
    """Rows of `kevents list` as an Arrow batch."""
    types = {"last_seen": TIME, "first_seen": TIME, "count": pa.int64()}
    schema = pa.schema([(column.name, types.get(column.name, pa.string())) for column in LIST_COLUMNS])
    return pa.RecordBatch.from_pylist(list(rows), schema=schema)


def event_list(*rows: dict[str, Any]) -> Result:
    """A list of events, in one batch."""
    return event_stream([batch(*rows)])


def event_stream(batches: Iterable[pa.RecordBatch]) -> Result:
    """A list of events, in several batches."""
    return Result(LIST_COLUMNS, batches)


def column_of(kind: Kind, values: list[Any], kind_of_array: pa.DataType | None = None) -> Result:
    """One column of this kind, named x."""
    return Result((Column("x", kind),), [pa.record_batch({"x": pa.array(values, kind_of_array)})])


def hostile() -> Result:
    """One column with hostile text in its name and its values."""
    return Result((Column("a\x1b[1m\nb"),), [pa.record_batch({"a\x1b[1m\nb": list(HOSTILE)})])
