"""With a window only the needed rows are read, and the result is the same as when all rows are read."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from tests.observations import NOW, at, observation, write_store

DAYS = range(16, 21)
ALL = "SELECT message, occurrences, step_us, latest, last_seen FROM occurrences"
WINDOWED = "SELECT message, occurrences, latest FROM occurrences"
IN_WINDOW = f"""
WITH everything AS ({ALL})
SELECT message, happened(latest, occurrences, step_us, $since::TIMESTAMPTZ, $until::TIMESTAMPTZ) AS occurrences
FROM everything
WHERE happened(latest, occurrences, step_us, $since::TIMESTAMPTZ, $until::TIMESTAMPTZ) > 0
    OR (last_seen >= coalesce($since::TIMESTAMPTZ, last_seen) AND ($until IS NULL OR last_seen < $until::TIMESTAMPTZ))
"""


def random_time(chance: random.Random) -> datetime:
    """A time on one of the days; often near midnight, where files begin and end."""
    is_near_midnight = chance.random() < 0.4
    seconds = chance.choice((-5, -3, -1, 0, 1, 3, 5)) if is_near_midnight else chance.randrange(86400)
    return at("00:00", chance.choice(DAYS)) + timedelta(seconds=seconds)


def random_event(chance: random.Random, number: int) -> list[dict[str, Any]]:
    """The observations of one event. Its sender may be regular, use other names, or have a wrong clock."""
    created = random_time(chance)
    name = f"web-{number % 7}"
    clock = int(created.timestamp()) * 10**9 + number
    style = chance.choice(("regular", "regular", "regular", "named", "fixed", "nameless", "backwards", "both"))
    rows = []
    count = chance.choice((1, 1, 3, 40))
    seen = created
    for position in range(chance.choice((1, 1, 2, 4))):
        first = created + timedelta(seconds=chance.choice((0, 0, 0, -2, 1, 2)))
        row = {"name": name, "count": count, "first_seen": first, "clock_ns": clock - int(first.timestamp()) * 10**9}
        if style == "named" or (style == "both" and position % 2):
            row |= {"event_name": f"{name}.{clock:016x}", "clock_ns": None, "first_seen": random_time(chance)}
        elif style == "fixed":
            row |= {"event_name": f"{name}.fixed", "clock_ns": None, "first_seen": random_time(chance)}
        elif style == "nameless":
            row |= {"event_name": None, "clock_ns": None, "first_seen": chance.choice((None, created))}
        last = random_time(chance) if style == "backwards" else seen
        last_seen = chance.choice((None, datetime(9000, 1, 1, tzinfo=UTC))) if chance.random() < 0.05 else last
        rows.append(
            observation(last_seen, message=f"{number}/{position}", resource_version=number * 10 + position, **row)
        )
        seen += timedelta(seconds=chance.choice((0, 1, 40, 90_000, 200_000)))
        count = max(count + chance.choice((-2, 0, 1, 1, 300)), 1)
    return rows


def query(files: Any, sql: str, parameters: Mapping[str, Any] | None = None, **window: Any) -> list[tuple[Any, ...]]:
    engine = Engine(files, Selection(**window), NOW)
    return sorted(tuple(row.values())[:2] for row in engine.rows(sql, parameters))


@pytest.mark.parametrize("seed", range(5))
def test_a_window_has_the_same_occurrences_as_if_all_rows_were_read(seed: int, tmp_path: Path):
    chance = random.Random(seed)
    files = write_store(tmp_path, [row for number in range(90) for row in random_event(chance, number)])
    for window in range(4):
        since, until = sorted((random_time(chance), random_time(chance) + timedelta(seconds=1)))
        since = None if window == 1 else since
        until = None if window == 2 else until
        expected = query(files, IN_WINDOW, {"since": since, "until": until})
        assert expected
        assert query(files, WINDOWED, since=since, until=until) == expected
