"""Questions over lots of documents: repeats are left out, filters and rules are those of the store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from kevents.query.selection import Selection
from kevents.query.stream_views import RecentIdentities, StreamViews

NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)
SQL = 'SELECT reason, "count" FROM stored.newest ORDER BY reason, "count"'


def line(**told: Any) -> bytes:
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
    return json.dumps(event | told).encode() + b"\n"


def asked(live: StreamViews, *lines: bytes) -> list[tuple[str, int]]:
    live.add(b"".join(lines), "prod")
    return [(row["reason"], row["count"]) for row in live.run_and_clear(SQL).to_pylist()]


def test_every_observation_is_an_answer_and_a_repeated_one_is_none() -> None:
    live = StreamViews(Selection(), NOW)
    assert asked(live, line(), line(count=2)) == [("BackOff", 1), ("BackOff", 2)]
    assert asked(live, line(count=2), line(count=3)) == [("BackOff", 3)]
    assert asked(live, line()) == []


def test_the_selection_is_that_of_every_question() -> None:
    live = StreamViews(Selection(reasons=("!BackOff",), kinds=("po",), min_count=2), NOW)
    assert asked(live, line(count=5), line(reason="Killing"), line(reason="Killing", count=2)) == [("Killing", 2)]


def test_lines_that_are_no_json_are_left_out() -> None:
    live = StreamViews(Selection(), NOW)
    assert asked(live, b'{"oops\n', line()) == [("BackOff", 1)]


def test_repeats_are_known_for_a_while_and_memory_stays_bounded() -> None:
    repeats = RecentIdentities(minimum=10)
    assert all(repeats.is_new(number) for number in range(100))
    assert not any(repeats.is_new(number) for number in range(95, 100))
    assert repeats.is_new(0)
    assert len(repeats._newer) + len(repeats._older) <= 20
