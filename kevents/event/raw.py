"""Events as a table of raw fields: core/v1 field names, text as it was written, nothing decided yet.

Two roads lead here. `plain` reads a block of JSON documents in Arrow's own threads and refuses, by returning None,
whatever is not exactly a core/v1 Event. `table` takes documents one by one and keeps what has no column as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from kevents.event.fields import GROUPS, METADATA, REFERENCE, TEXT


def _struct(names: Iterable[str]) -> pa.StructType:
    return pa.struct([(name, pa.string()) for name in names])


EVENT = pa.schema(
    [
        *((name, pa.string()) for name in ("apiVersion", "kind", *TEXT)),
        ("count", pa.int64()),
        ("metadata", _struct(METADATA)),
        ("involvedObject", _struct(REFERENCE)),
        ("source", _struct(("component", "host"))),
        ("series", pa.struct([("count", pa.int64()), ("lastObservedTime", pa.string())])),
    ]
)

RAW = pa.schema(
    [
        *((name, pa.string()) for name in TEXT),
        ("count", pa.int64()),
        *((f"metadata.{name}", pa.string()) for name in METADATA),
        *((f"involvedObject.{name}", pa.string()) for name in REFERENCE),
        ("source.component", pa.string()),
        ("source.host", pa.string()),
        ("series.count", pa.int64()),
        ("series.lastObservedTime", pa.string()),
        ("related", pa.string()),
        ("extra", pa.string()),
        ("cluster", pa.string()),
    ]
)

_OPTIONS = pj.ParseOptions(explicit_schema=EVENT, newlines_in_values=True, unexpected_field_behavior="infer")


def plain(data: bytes | bytearray | memoryview) -> pa.Table | None:
    """A table in RAW of the JSON documents in data, or None if any is not wholly and only a core/v1 Event.

    data: documents back to back, with nothing but white space between them.
    """
    reading = pj.ReadOptions(use_threads=False, block_size=len(data) + 1)
    try:
        events = pj.read_json(pa.BufferReader(pa.py_buffer(data)), read_options=reading, parse_options=_OPTIONS)
    except (pa.ArrowException, UnicodeDecodeError):  # the message of an Arrow error may itself not be UTF-8
        return None
    if not _is_plain(events):
        return None
    columns = {}
    for field in EVENT:
        column = events.column(field.name)
        if pa.types.is_struct(field.type):
            for child in field.type:
                columns[f"{field.name}.{child.name}"] = pc.struct_field(column, child.name)
        else:
            columns[field.name] = column
    absent = pa.nulls(len(events), pa.string())
    return pa.table([columns.get(field.name, absent) for field in RAW], schema=RAW)


def _is_plain(events: pa.Table) -> bool:
    if len(events) == 0:
        return False
    for field in events.schema:
        expected = EVENT.field(field.name).type if field.name in EVENT.names else pa.null()
        if not _holds(field.type, expected, field.name):
            return False
    return (
        events.column("metadata").null_count == 0
        and events.column("involvedObject").null_count == 0
        and _only(events.column("kind"), "Event")
        and _only(events.column("apiVersion"), "v1")
    )


def _holds(found: pa.DataType, expected: pa.DataType, name: str) -> bool:
    """Whether nothing is lost by reading the found type as the expected one: only nulls and managedFields go."""
    if not pa.types.is_struct(found) or not pa.types.is_struct(expected):
        return bool(found == expected)
    known = set(expected.names)
    return all(
        _holds(child.type, expected.field(child.name).type if child.name in known else pa.null(), child.name)
        or (name == "metadata" and child.name == "managedFields")
        for child in found
    )


def _only(column: pa.ChunkedArray, value: str) -> bool:
    return bool(pc.all(pc.equal(column, value), min_count=0).as_py())


def table(documents: Iterable[tuple[Mapping[str, Any], str | None]]) -> pa.Table:
    """A table in RAW of canonical core/v1 Event mappings, each with its cluster's label if the dump names one."""
    rows = [_row(event, cluster) for event, cluster in documents]
    return pa.table({field.name: pa.array([row[field.name] for row in rows], field.type) for field in RAW}, schema=RAW)


def _row(event: Mapping[str, Any], cluster: str | None) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(RAW.names)
    row["cluster"] = _text(cluster)
    extra: dict[str, Any] = {}
    for key, value in event.items():
        if value is None or (key in ("kind", "apiVersion") and isinstance(value, str)):
            continue
        if key in GROUPS and isinstance(value, Mapping):
            rest = {k: v for k, v in value.items() if not _take(row, f"{key}.{k}", v)}
            rest.pop("managedFields", None)
            if rest:
                extra[key] = rest
        elif key == "related" and isinstance(value, Mapping):
            row["related"] = _json(value)
        elif not _take(row, key, value) and value not in ({}, []):
            extra[key] = value
    if extra:
        row["extra"] = _json(extra)
    return row


_FIELDS = frozenset(RAW.names) - {"related", "extra", "cluster"}


def _take(row: dict[str, Any], name: str, value: Any) -> bool:
    """Put the value into its column if there is one that holds it exactly; null and empty text are one."""
    if value is None or value == "":
        return True
    if name not in _FIELDS:
        return False
    if name in ("count", "series.count"):
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
            return False
        row[name] = value
        return True
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    row[name] = _text(str(value))  # YAML reads an unquoted resourceVersion as a number
    return True


def _text(value: str | None) -> str | None:
    """The text as UTF-8 can hold it: a lone surrogate becomes U+FFFD."""
    if value is None or value.isascii():
        return value or None
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _json(value: Any) -> str:
    return _text(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)) or ""
