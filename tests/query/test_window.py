"""A window reads only the observations that its occurrences follow from: the answer is that of reading all of them."""

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


def moment(chance: random.Random) -> datetime:
    """A time of these days; often near midnight, where windows and files are cut."""
    near = chance.random() < 0.4
    seconds = chance.choice((-5, -3, -1, 0, 1, 3, 5)) if near else chance.randrange(86400)
    return at("00:00", chance.choice(DAYS)) + timedelta(seconds=seconds)


def story(chance: random.Random, number: int) -> list[dict[str, Any]]:
    """The observations of one event: its sender may be regular, word names freely, or have a clock that runs wrong."""
    born = moment(chance)
    name = f"web-{number % 7}"
    clock = int(born.timestamp()) * 10**9 + number
    manner = chance.choice(("regular", "regular", "regular", "named", "fixed", "nameless", "backwards", "both"))
    rows = []
    count = chance.choice((1, 1, 3, 40))
    seen = born
    for place in range(chance.choice((1, 1, 2, 4))):
        first = born + timedelta(seconds=chance.choice((0, 0, 0, -2, 1, 2)))
        row = {"name": name, "count": count, "first_seen": first, "clock_ns": clock - int(first.timestamp()) * 10**9}
        if manner == "named" or (manner == "both" and place % 2):
            row |= {"event_name": f"{name}.{clock:016x}", "clock_ns": None, "first_seen": moment(chance)}
        elif manner == "fixed":
            row |= {"event_name": f"{name}.fixed", "clock_ns": None, "first_seen": moment(chance)}
        elif manner == "nameless":
            row |= {"event_name": None, "clock_ns": None, "first_seen": chance.choice((None, born))}
        last = moment(chance) if manner == "backwards" else seen
        odd = chance.choice((None, datetime(9000, 1, 1, tzinfo=UTC))) if chance.random() < 0.05 else last
        rows.append(observation(odd, message=f"{number}/{place}", resource_version=number * 10 + place, **row))
        seen += timedelta(seconds=chance.choice((0, 1, 40, 90_000, 200_000)))
        count = max(count + chance.choice((-2, 0, 1, 1, 300)), 1)
    return rows


def answer(files: Any, sql: str, parameters: Mapping[str, Any] | None = None, **window: Any) -> list[tuple[Any, ...]]:
    engine = Engine(files, Selection(**window), NOW)
    return sorted(tuple(row.values())[:2] for batch in engine.batches(sql, parameters) for row in batch.to_pylist())


@pytest.mark.parametrize("seed", range(5))
def test_a_window_has_the_occurrences_that_all_observations_together_put_into_it(seed: int, tmp_path: Path):
    chance = random.Random(seed)
    files = write_store(tmp_path, [row for number in range(90) for row in story(chance, number)])
    for window in range(4):
        since, until = sorted((moment(chance), moment(chance) + timedelta(seconds=1)))
        since = None if window == 1 else since
        until = None if window == 2 else until
        expected = answer(files, IN_WINDOW, {"since": since, "until": until})
        assert expected
        assert answer(files, WINDOWED, since=since, until=until) == expected
