"""The rules of observe.sql, which follow how Kubernetes components write events."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents import duck
from kevents.event import observe, raw

CONNECTION = duck.connect()
OBSERVER = observe.Observer(CONNECTION, "here")


def observed(event: dict[str, Any], cluster: str | None = None) -> dict[str, Any]:
    OBSERVER.load([observe.with_file_number(raw.from_documents([(event, cluster)]), 0)])
    (row,) = CONNECTION.sql(OBSERVER.select).to_arrow_table().to_pylist()
    for name, value in row.items():
        if isinstance(value, datetime):
            row[name] = value.astimezone(UTC)
    return row


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


FIRST, LAST, EVENT_TIME, SERIES, CREATED = (f"2026-11-21T00:1{n}:00Z" for n in range(5))
MICRO = {name: value.replace("Z", ".000000Z") for name, value in (("event", EVENT_TIME), ("series", SERIES))}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"series": {"count": 2, "lastObservedTime": SERIES}, "lastTimestamp": LAST, "eventTime": EVENT_TIME}, SERIES),
        ({"lastTimestamp": LAST, "eventTime": EVENT_TIME, "firstTimestamp": FIRST}, LAST),
        ({"eventTime": EVENT_TIME, "firstTimestamp": FIRST}, EVENT_TIME),
        ({"firstTimestamp": FIRST, "metadata": {"creationTimestamp": CREATED}}, FIRST),
        ({"metadata": {"creationTimestamp": CREATED}}, CREATED),
        ({"lastTimestamp": "null", "firstTimestamp": FIRST}, FIRST),
    ],
)
def test_last_seen_is_the_first_time_in_the_order_that_is_set(fields: dict[str, Any], expected: str) -> None:
    assert observed(fields)["last_seen"] == at(expected)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"eventTime": EVENT_TIME, "firstTimestamp": FIRST, "lastTimestamp": LAST}, EVENT_TIME),
        ({"firstTimestamp": FIRST, "lastTimestamp": LAST}, FIRST),
        ({"lastTimestamp": LAST, "metadata": {"creationTimestamp": CREATED}}, LAST),
    ],
)
def test_first_seen_is_event_time_then_first_timestamp_then_last_seen(fields: dict[str, Any], expected: str) -> None:
    assert observed(fields)["first_seen"] == at(expected)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"series": {"count": 57, "lastObservedTime": SERIES}, "count": 3}, 57),
        ({"count": 70944}, 70944),
        ({"count": 3.0}, 3),
        ({"count": 0}, 1),
        ({"count": -180456314}, 1),
        ({"count": "many"}, 1),
        ({"count": True}, 1),
        ({"count": 2.5}, 1),
        ({}, 1),
    ],
)
def test_count_is_the_series_then_the_count_then_one(fields: dict[str, Any], expected: int) -> None:
    assert observed(fields)["count"] == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2022-08-24T11:40:44+02:00", "2022-08-24T09:40:44Z"),
        ("2026-11-21T00:14:25.583575Z", "2026-11-21T00:14:25.583575Z"),
        ("2026-11-21T00:14:25.583575789Z", "2026-11-21T00:14:25.583575Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("0001-06-01T00:00:00Z", "0001-06-01T00:00:00Z"),
    ],
)
def test_times_in_every_notation_are_read_as_utc(written: str, expected: str) -> None:
    assert observed({"lastTimestamp": written})["last_seen"] == at(expected)


@pytest.mark.parametrize(
    "written",
    [
        *("null", "", "infinity", "epoch", "12:00", "2026-02-30T00:00:00Z", "2026-11-21"),
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-05:00", "290000-01-01T00:00:00Z"),
    ],
)
def test_an_invalid_time_and_gos_zero_time_count_as_not_set(written: str) -> None:
    row = observed({"lastTimestamp": written})
    assert row["last_seen"] is None
    assert row["extra"] == (f'{{"lastTimestamp":"{written}"}}' if written else None)


def test_the_clock_in_the_name_is_stored_relative_to_first_seen_instead_of_the_name() -> None:
    # 2026-11-21T00:14:32Z is 1795220072 s; 0x18e9e724e31e1fb1 = 1795220072845582257
    event = {
        "metadata": {"name": "crashy-1.18e9e724e31e1fb1"},
        "involvedObject": {"name": "crashy-1"},
        "firstTimestamp": "2026-11-21T00:14:32Z",
    }
    row = observed(event)
    assert (row["clock_ns"], row["event_name"]) == (0x18E9E724E31E1FB1 - 1795220072 * 10**9, None)


@pytest.mark.parametrize(
    ("name", "object_name", "first"),
    [
        ("bootstrap-finished", "x", "2026-11-21T00:14:32Z"),  # no clock
        ("web.18e9e724e31e1fb1", "web", "2026-11-21T00:14:50Z"),  # further than 2 s from the first occurrence
        ("web.18E9E724E31E1FB1", "web", "2026-11-21T00:14:32Z"),  # would be restored in lower case
        ("web.18e9e724e31e1fb1", "web-1", "2026-11-21T00:14:32Z"),  # not the object's name
        ("web.18e9e724e31e1fb1", "web", "2429-02-18T17:57:56Z"),  # nanoseconds end in 2262
        (".", "web", "2026-11-21T00:14:32Z"),
        ("é.18e9e724e31e1fb1", None, "2026-11-21T00:14:32Z"),
    ],
)
def test_a_name_that_is_not_object_and_clock_is_stored_unchanged(name: str, object_name: str, first: str) -> None:
    row = observed({"metadata": {"name": name}, "involvedObject": {"name": object_name}, "firstTimestamp": first})
    assert row["event_name"] == name


def test_a_classic_event_has_its_time_fields_and_count_in_time_fields() -> None:
    event = {
        "firstTimestamp": FIRST,
        "lastTimestamp": LAST,
        "count": 4,
        "eventTime": None,
        "metadata": {"creationTimestamp": FIRST},
    }
    row = observed(event)
    assert row["time_fields"] == "firstTimestamp lastTimestamp count creationTimestamp"
    assert (row["created"], row["extra"]) == (None, None)


def test_a_new_style_event_has_event_time_and_series_in_time_fields() -> None:
    event = {
        "eventTime": MICRO["event"],
        "series": {"count": 9, "lastObservedTime": MICRO["series"]},
        "firstTimestamp": None,
        "lastTimestamp": None,
        "metadata": {"creationTimestamp": CREATED},
    }
    row = observed(event)
    assert row["time_fields"] == "eventTime series"
    assert (row["created"], row["extra"]) == (at(CREATED), None)


def test_values_that_no_column_can_hold_are_kept_unchanged() -> None:
    event = {
        "metadata": {"uid": "node-1", "resourceVersion": "11042405498087606203", "labels": {"a": "b"}},
        "series": {"count": -2, "lastObservedTime": "2429-02-18T17:57:56Z"},
        "count": 5,
        "involvedObject": {"labels": {"app": "x"}, "resourceVersion": "007"},
        "custom": [1, {"two": None}],
    }
    row = observed(event)
    assert json.loads(row["extra"]) == {
        "metadata": {"uid": "node-1", "resourceVersion": "11042405498087606203", "labels": {"a": "b"}},
        "series": {"count": -2, "lastObservedTime": "2429-02-18T17:57:56Z"},
        "involvedObject": {"labels": {"app": "x"}, "resourceVersion": "007"},
        "custom": [1, {"two": None}],
    }
    assert (row["uid"], row["resource_version"], row["count"]) == (None, None, 5)


def test_the_cluster_in_the_dump_overrides_the_default() -> None:
    assert observed({}, "there")["cluster"] == "there"
    assert observed({})["cluster"] == "here"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)
field_names = st.sampled_from(
    "metadata involvedObject source series related count eventTime firstTimestamp lastTimestamp message reason type "
    "name uid resourceVersion creationTimestamp namespace lastObservedTime component fieldPath kind apiVersion".split()
)
times = st.datetimes().map(lambda t: t.isoformat() + "Z")
events = st.recursive(
    st.dictionaries(field_names, json_values | times, max_size=5),
    lambda children: st.dictionaries(field_names, children | json_values | times, max_size=6),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(events)
def test_every_json_object_is_accepted(event: dict[str, Any]) -> None:
    observed(event)
