"""With a limit, only the newest days are read, and the result is the same as when everything is read."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kevents.query import newest
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.query.user_sql import RowOptions
from kevents.report.catalog import reports
from kevents.report.question import Question
from tests.observations import NOW, at, observation, write_store
from tests.query.test_window import random_event


def listed(files: list, limit: int, **filters: object) -> list[str]:
    question = Question(reports()["list"], RowOptions(limit=limit))
    result = question.answer(Engine(files, Selection(**filters), NOW))  # type: ignore[arg-type]
    return [row["message"] for batch in result.batches for row in batch.to_pylist()]


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[datetime | None]:
    """How far back each attempt reads, in order; a day with a few rows counts as large."""
    monkeypatch.setattr(newest, "_FIRST_ROWS", 2)
    monkeypatch.setattr(newest, "_GROWTH", 2)
    starts: list[datetime | None] = []
    limit_newest = Engine.limit_newest
    monkeypatch.setattr(
        Engine, "limit_newest", lambda engine, since: (starts.append(since), limit_newest(engine, since))[1]
    )
    return starts


def test_only_the_newest_day_is_read_if_it_has_enough_events(tmp_path: Path, attempts: list[datetime | None]):
    rows = [
        observation(at(f"0{n}:00", day), clock_ns=n, message=f"{day} {n}") for day in (18, 19, 20) for n in range(3)
    ]
    assert listed(write_store(tmp_path, rows), 2) == ["20 1", "20 2"]
    assert attempts == [at("00:00"), None]


def test_an_event_that_is_seen_again_is_one_event(tmp_path: Path, attempts: list[datetime | None]):
    first = at("01:00", 18)
    rows = [observation(at("01:00", day), first_seen=first, message=f"{day}") for day in (18, 19, 20)]
    rows += [observation(at("02:00"), first_seen=first, count=2, message="20 later")]
    rows += [observation(at("00:30", 19), clock_ns=7, message="other")]
    assert listed(write_store(tmp_path, rows), 2) == ["other", "20 later"]
    assert attempts[0] == at("00:00")
    assert len(attempts) > 2


def test_a_window_is_read_from_its_end(tmp_path: Path, attempts: list[datetime | None]):
    rows = [
        observation(at(f"0{n}:00", day), clock_ns=n, message=f"{day} {n}") for day in (18, 19, 20) for n in range(3)
    ]
    assert listed(write_store(tmp_path, rows), 1, until=at("01:30", 19)) == ["19 1"]
    assert attempts[0] == at("00:00", 19)


@pytest.mark.parametrize("limit", [1, 7, 40, 1000])
def test_every_limit_gives_the_end_of_the_complete_list(limit: int, tmp_path: Path, attempts: list[datetime | None]):
    chance = random.Random(limit)
    rows = [row for number in range(60) for row in random_event(chance, number)]
    rows += [observation(None, event_name="web-1.x", clock_ns=None, first_seen=None, message="no time")]
    rows += [observation(datetime(9000, 1, 1, tzinfo=UTC), event_name="web-1.y", clock_ns=None, message="far ahead")]
    files = write_store(tmp_path, rows)
    assert listed(files, limit) == listed(files, 0)[-limit:]


def test_only_the_end_of_a_large_day_is_read(tmp_path: Path, attempts: list[datetime | None]):
    rows = [observation(at(f"{n // 60:02}:{n % 60:02}"), clock_ns=n, message=str(n)) for n in range(100)]
    assert listed(write_store(tmp_path, rows), 3) == ["97", "98", "99"]
    assert attempts[0] is not None
    assert at("00:20") < attempts[0] < at("01:36")
    assert len(attempts) == 2
