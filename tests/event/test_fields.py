"""The field names in Python and in the SQL of observe.sql and document.sql are the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kevents import duck
from kevents.event import fields, observe, raw
from kevents.event.last_seen import is_older, last_seen
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.source.dump import canonical
from tests.observations import NOW, write_store

# what kubectl prints even if a field is empty
EMPTY: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Event",
    "metadata": {"creationTimestamp": None},
    "involvedObject": {},
    "source": {},
    "firstTimestamp": None,
    "lastTimestamp": None,
    "eventTime": None,
    "reportingComponent": "",
    "reportingInstance": "",
}
# fields whose text must have a certain form to be stored in a column
VALUES: dict[fields.Path, Any] = {
    ("count",): 7,
    ("series", "count"): 7,
    ("series", "lastObservedTime"): "2026-11-20T09:05:00.000000Z",
    ("eventTime",): "2026-11-20T09:00:00.000000Z",
    ("firstTimestamp",): "2026-11-20T09:00:00Z",
    ("lastTimestamp",): "2026-11-20T09:05:00Z",
    ("metadata", "creationTimestamp"): "2026-11-20T09:00:00Z",
    ("metadata", "uid"): "00000000-0000-4000-8000-000000000001",
    ("metadata", "resourceVersion"): "12",
    ("involvedObject", "resourceVersion"): "13",
}

CONNECTION = duck.connect()
OBSERVER = observe.Observer(CONNECTION, "prod")


def event_with(paths: Iterable[fields.Path], values: Mapping[fields.Path, Any] = VALUES) -> dict[str, Any]:
    """An event with these fields, each with its own value."""
    event: dict[str, Any] = {}
    for path in paths:
        parent = event
        for name in path[:-1]:
            parent = parent.setdefault(name, {})
        parent[path[-1]] = values.get(path, f"value of {'.'.join(path)}")
    return event


def observed(event: dict[str, Any]) -> dict[str, Any]:
    OBSERVER.load([observe.with_file_number(raw.from_documents([(event, None)]), 0)])
    (row,) = CONNECTION.sql(OBSERVER.select).to_arrow_table().to_pylist()
    return {name: value for name, value in row.items() if name != "file"}


def restored(row: dict[str, Any], directory: Path) -> dict[str, Any]:
    engine = Engine(write_store(directory, [row]), Selection(), NOW)
    sql = "SELECT event_document(observation, written_name) AS document FROM stored.observations AS observation"
    return dict(json.loads(engine.rows(sql)[0]["document"]))


def test_every_field_has_a_raw_column_and_nothing_is_left_in_extra() -> None:
    assert {*raw.RAW.names} == {*map(".".join, fields.PATHS), "related", "extra", "cluster"}
    assert observed(event_with(fields.PATHS) | {"related": {"kind": "Node"}})["extra"] is None


@pytest.mark.parametrize("path", fields.PATHS, ids=".".join)
def test_every_field_is_stored_and_restored(path: fields.Path, tmp_path: Path) -> None:
    # a series is only restored with both of its fields
    event = event_with((path, *((("series", name) for name in fields.SERIES) if path[0] == "series" else ())))
    expected = {**EMPTY, **event}
    if path[0] == "metadata":
        expected["metadata"] = {**EMPTY["metadata"], **event["metadata"]}
    assert restored(observed(event), tmp_path) == expected


def test_all_fields_together_are_stored_and_restored(tmp_path: Path) -> None:
    event = event_with(fields.PATHS) | {"related": {"kind": "Node", "name": "a"}}
    assert restored(observed(event), tmp_path) == event | {"apiVersion": "v1", "kind": "Event"}


def test_plain_events_can_have_every_field() -> None:
    event = event_with(fields.PATHS) | {"apiVersion": "v1", "kind": "Event"}
    table = raw.parse_plain(json.dumps(event).encode())
    assert table is not None
    assert table.to_pylist() == raw.from_documents([(event, None)]).to_pylist()


def test_the_names_that_dumps_are_converted_to_are_fields() -> None:
    assert set(canonical._NEW_STYLE.values()) <= fields.TOP_LEVEL


def test_last_seen_is_the_same_in_python_and_sql_for_all_combinations_of_times() -> None:
    times = {path: f"2026-11-20T09:0{number}:00Z" for number, path in enumerate(fields.LAST_SEEN)}
    for present in product((False, True), repeat=len(times)):
        paths = [path for path, is_present in zip(times, present, strict=True) if is_present]
        event = event_with(paths, times)
        expected = observed(event)["last_seen"]
        assert last_seen(event) == expected
        assert is_older(event, NOW) is (expected is not None)


def test_the_zero_time_of_go_is_not_a_time_in_python_or_sql() -> None:
    event = {"lastTimestamp": "0001-01-01T00:00:00Z", "firstTimestamp": "2026-11-20T09:00:00Z"}
    assert last_seen(event) == observed(event)["last_seen"] == datetime(2026, 11, 20, 9, tzinfo=UTC)
