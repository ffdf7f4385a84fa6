"""Streamed tables: columns stay aligned while rows arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from kevents.render.formats import find
from kevents.render.look import Look
from kevents.result import Column, Kind, Result

NOW = datetime(2026, 11, 21, 0, 20, tzinfo=UTC)
COLUMNS = (Column("last_seen", Kind.TIME), Column("reason"), Column("message"))


def batches(*rows: tuple[datetime, str, str]) -> Iterator[pa.RecordBatch]:
    for seen, reason, message in rows:
        yield pa.RecordBatch.from_pylist(
            [{"last_seen": seen, "reason": reason, "message": message}],
            pa.schema([("last_seen", pa.timestamp("us", "UTC")), ("reason", pa.string()), ("message", pa.string())]),
        )


def lines_of(look: Look, *rows: tuple[datetime, str, str]) -> list[str]:
    return "".join(map(str, find("table").chunks(Result(COLUMNS, batches(*rows)), look))).splitlines()


def test_a_wider_cell_moves_the_columns_of_all_later_rows() -> None:
    look = Look(NOW, time="clock", width=100, ticking=lambda: NOW)
    lines = lines_of(look, (NOW, "Killing", "a"), (NOW, "FailedScheduling", "b"), (NOW, "Killing", "c"))
    assert lines == [
        "LAST SEEN   REASON    MESSAGE",
        "00:20:00    Killing   a",
        "00:20:00    FailedScheduling   b",
        "00:20:00    Killing            c",
    ]


def test_on_a_wide_terminal_columns_start_with_a_default_width() -> None:
    look = Look(NOW, time="clock", width=160, ticking=lambda: NOW)
    assert lines_of(look, (NOW, "Killing", "a"))[1] == "00:20:00    Killing            a"


def test_the_current_time_advances_during_a_stream() -> None:
    moments = iter((NOW, NOW + timedelta(minutes=2)))
    look = Look(NOW, width=100, ticking=lambda: next(moments))
    assert look.moment == NOW
    assert look.moment == NOW + timedelta(minutes=2)


def test_a_time_of_another_day_includes_the_date() -> None:
    look = Look(NOW, time="clock", ticking=lambda: NOW)
    lines = lines_of(look, (NOW - timedelta(hours=1), "A", "x"), (NOW - timedelta(days=400), "B", "y"))
    assert [line.split("   ")[0] for line in lines[1:]] == ["11-20 23:20:00", "2025-10-17 00:20:00"]
