"""A store of small files for the tests of upkeep. As a program it does upkeep and is killed at a step.

python -m tests.store.numbered_events compact|prune STORE STEP
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kevents import clock, duck
from kevents.event import raw
from kevents.event.severity_table import builtin_ratings
from kevents.maintenance.prune import Order, prune
from kevents.maintenance.retention import Rules
from kevents.store.rewrite.compact import CompactOptions, compact
from kevents.store.rewrite.exchange import Callbacks, Reached, Step
from kevents.store.segments.ingest_batch import IngestBatch
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REASONS = ("Started", "BackOff", "Killing", "FailedMount")  # info, error, info, warning, by the table that ships
OLD = Rules(older_than=timedelta(days=10), keep={"warning": timedelta(days=15)})


def fill(store: Store, days: Iterable[int | date], files: int = 4, events: int = 10, cluster: str = "prod") -> None:
    """So many files of each day, of November or any, each with so many events: numbered, which is their count."""
    with store.writing(lambda _: None):
        intake = IngestBatch(store.files(), store.staging, cluster, max(NOW, clock.now()))
        number = sum(file.rows for file in store.files())
        for day in days:
            for _ in range(files):
                rows = range(number + 1, number + events + 1)
                intake.add(raw.from_documents((_event(one, day), None) for one in rows), 0)
                store.publish(intake.finish())
                number += events
        intake.close()


def _event(number: int, day: int | date) -> dict[str, object]:
    seen = f"{day if isinstance(day, date) else date(2026, 11, day)}T{number % 24:02}:00:{number % 60:02}Z"
    return {
        "metadata": {"name": f"web-{number % 7}.{number}", "namespace": f"shop-{number % 3}"},
        "involvedObject": {"kind": "Pod", "name": f"web-{number % 7}"},
        "reason": REASONS[number % 4],
        "type": "Warning" if number % 2 else "Normal",
        "firstTimestamp": seen,
        "lastTimestamp": seen,
        "count": number,
    }


def numbers(snapshot: Snapshot) -> list[int]:
    """The numbers of the events that a reader of the snapshot sees, in order."""
    if not snapshot.files:
        return []
    paths = [str(file.path) for file in snapshot.files]
    connection = duck.connect()  # the engine would leave out what it cannot read
    try:
        rows = connection.execute("SELECT count FROM read_parquet($1) ORDER BY ALL", [paths]).fetchall()
    finally:
        connection.close()
    return [number for (number,) in rows]


def merge_all(store: Store, reached: Reached = lambda _: None) -> None:
    """Compact as by hand."""
    compact(store, CompactOptions(by_hand=True), NOW, Callbacks(reached=reached))


def prune_old(store: Store, reached: Reached = lambda _: None) -> None:
    """Prune by OLD."""
    prune(store, Order(OLD, builtin_ratings()), NOW, Callbacks(reached=reached))


def kept_of_old(day: int, number: int) -> bool:
    """Whether OLD keeps an event of that day of November: of the 5th to the 9th, what is a warning or worse."""
    return day >= 10 or (day >= 5 and number % 2 == 1)


if __name__ == "__main__":

    def _die(step: Step) -> None:
        if step == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)

    {"compact": merge_all, "prune": prune_old}[sys.argv[1]](Store(Path(sys.argv[2])), _die)
