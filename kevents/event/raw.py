"""Events as tables of raw fields: core/v1 field names with the values as they were written, before any rule is applied.

There are two ways to such a table. `parse_plain` lets Arrow read a block of JSON documents, which is fast, and returns
None if the block has anything other than plain core/v1 Events. `from_documents` takes parsed documents one by one and
keeps fields without a column as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from kevents.escape import replace_lone_surrogates
from kevents.event.fields import COUNT, GROUPS, INTEGERS, PATHS, RELATED, TEXT, TYPE_META, Path
from kevents.json_depth import are_too_deep


def _type(path: Path) -> pa.DataType:
    return pa.int64() if path in INTEGERS else pa.string()


# the schema of the documents that `parse_plain` accepts
EVENT = pa.schema(
    [
        *((name, pa.string()) for name in (*TYPE_META, *TEXT)),
        (COUNT, _type((COUNT,))),
        *((group, pa.struct([(name, _type((group, name))) for name in names])) for group, names in GROUPS.items()),
    ]
)

# the schema of the tables
RAW = pa.schema(
    [
        *((".".join(path), _type(path)) for path in PATHS),
        (RELATED, pa.string()),
        ("extra", pa.string()),
        ("cluster", pa.string()),
    ]
)

_OPTIONS = pj.ParseOptions(explicit_schema=EVENT, newlines_in_values=True, unexpected_field_behavior="infer")


def parse_plain(data: bytes | bytearray | memoryview) -> pa.Table | None:
    """The table of the JSON documents in data, or None unless each is a core/v1 Event without any other field.

    data: documents separated by nothing but white space.
    """
    if are_too_deep(data):  # Arrow's parser recurses without a limit
        return None
    options = pj.ReadOptions(use_threads=False, block_size=len(data) + 1)
    try:
        events = pj.read_json(pa.BufferReader(pa.py_buffer(data)), read_options=options, parse_options=_OPTIONS)
    except (pa.ArrowException, UnicodeDecodeError):  # the message of an Arrow error may be invalid UTF-8 itself
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
        if not _is_lossless(field.type, expected, field.name):
            return False
    return (
        events.column("metadata").null_count == 0
        and events.column("involvedObject").null_count == 0
        and _only(events.column("kind"), "Event")
        and _only(events.column("apiVersion"), "v1")
    )


def _is_lossless(actual: pa.DataType, expected: pa.DataType, name: str) -> bool:
    """Whether reading the actual type as the expected one loses nothing except nulls and managedFields."""
    if not pa.types.is_struct(actual) or not pa.types.is_struct(expected):
        return bool(actual == expected)
    known = set(expected.names)
    return all(
        _is_lossless(child.type, expected.field(child.name).type if child.name in known else pa.null(), child.name)
        or (name == "metadata" and child.name == "managedFields")
        for child in actual
    )


def _only(column: pa.ChunkedArray, value: str) -> bool:
    return bool(pc.all(pc.equal(column, value), min_count=0).as_py())


def from_documents(documents: Iterable[tuple[Mapping[str, Any], str | None]]) -> pa.Table:
    """The table of core/v1 Event mappings, each with its cluster's label, or None if the dump names no cluster."""
    rows = [_row(event, cluster) for event, cluster in documents]
    return pa.table({field.name: pa.array([row[field.name] for row in rows], field.type) for field in RAW}, schema=RAW)


def _row(event: Mapping[str, Any], cluster: str | None) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(RAW.names)
    row["cluster"] = _text(cluster)
    extra: dict[str, Any] = {}
    for key, value in event.items():
        if value is None or (key in TYPE_META and isinstance(value, str)):
            continue
        if key in GROUPS and isinstance(value, Mapping):
            rest = {k: v for k, v in value.items() if not _store(row, f"{key}.{k}", v)}
            rest.pop("managedFields", None)
            if rest:
                extra[key] = rest
        elif key == RELATED and isinstance(value, Mapping):
            row[RELATED] = _json(value)
        elif not _store(row, key, value) and value not in ({}, []):
            extra[key] = value
    if extra:
        row["extra"] = _json(extra)
    return row


_COLUMNS = frozenset(map(".".join, PATHS))
_INTEGER_COLUMNS = frozenset(map(".".join, INTEGERS))


def _store(row: dict[str, Any], column: str, value: Any) -> bool:
    """Store the value in its column; False if no column can hold it exactly. Null and empty text are the same."""
    if value is None or value == "":
        return True
    if column not in _COLUMNS:
        return False
    if column in _INTEGER_COLUMNS:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
            return False
        row[column] = value
        return True
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    row[column] = _text(str(value))  # YAML reads an unquoted resourceVersion as a number
    return True


def _text(value: str | None) -> str | None:
    return replace_lone_surrogates(value) if value else None


def _json(value: Any) -> str:
    return _text(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)) or ""
