"""Queries over batches of documents: repeats are skipped, and the filters and rules are those of the store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from kevents.query.selection import Selection
from kevents.query.stream_views import RecentIdentities, StreamViews

NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)
SQL = 'SELECT reason, "count" FROM stored.newest ORDER BY reason, "count"'


def line(**fields: Any) -> bytes:
    event = {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {"name": "web-1.18a", "namespace": "shop", "uid": "24c7485a-5423-4c5b-ad73-000000000001"},
        "involvedObject": {"kind": "Pod", "name": "web-1", "namespace": "shop"},
        "reason": "BackOff",
        "message": "Back-off",
        "lastTimestamp": "2026-11-21T00:00:00Z",
        "count": 1,
    }
    return json.dumps(event | fields).encode() + b"\n"


def rows(views: StreamViews, *lines: bytes) -> list[tuple[str, int]]:
    views.add(b"".join(lines), "prod")
    return [(row["reason"], row["count"]) for row in views.run_and_clear(SQL).to_pylist()]


def test_every_observation_is_a_row_and_a_repeated_one_is_skipped() -> None:
    views = StreamViews(Selection(), NOW)
    assert rows(views, line(), line(count=2)) == [("BackOff", 1), ("BackOff", 2)]
    assert rows(views, line(count=2), line(count=3)) == [("BackOff", 3)]
    assert rows(views, line()) == []


def test_the_selection_applies_as_in_other_queries() -> None:
    views = StreamViews(Selection(reasons=("!BackOff",), kinds=("po",), min_count=2), NOW)
    assert rows(views, line(count=5), line(reason="Killing"), line(reason="Killing", count=2)) == [("Killing", 2)]


def test_lines_that_are_not_json_are_skipped() -> None:
    views = StreamViews(Selection(), NOW)
    assert rows(views, b'{"oops\n', line()) == [("BackOff", 1)]


def test_recent_identities_are_remembered_in_bounded_memory() -> None:
    recent = RecentIdentities(minimum=10)
    assert all(recent.is_new(number) for number in range(100))
    assert not any(recent.is_new(number) for number in range(95, 100))
    assert recent.is_new(0)
    assert len(recent._newer) + len(recent._older) <= 20
