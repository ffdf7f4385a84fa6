"""A store of small files for tests of compaction and pruning. As a program, it runs one of them, killed at a step.

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
from kevents.maintenance.prune import PruneOptions, prune
from kevents.maintenance.retention import RetentionRules
from kevents.store.rewrite.compact import CompactOptions, compact
from kevents.store.rewrite.exchange import Callbacks, OnRewriteStep, RewriteStep
from kevents.store.segments.ingest_batch import IngestBatch
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REASONS = ("Started", "BackOff", "Killing", "FailedMount")  # info, error, info, warning in the built-in severity table
OLD = RetentionRules(older_than=timedelta(days=10), keep={"warning": timedelta(days=15)})


def fill(store: Store, days: Iterable[int | date], files: int = 4, events: int = 10, cluster: str = "prod") -> None:
    """Write files with numbered events; the number is the count of the event. days: dates, or days of November 2026."""
    with store.writing(lambda _: None):
        ingest = IngestBatch(store.files(), store.staging, cluster, max(NOW, clock.now()))
        number = sum(file.rows for file in store.files())
        for day in days:
            for _ in range(files):
                file_numbers = range(number + 1, number + events + 1)
                ingest.add(raw.from_documents((_event(file_number, day), None) for file_number in file_numbers), 0)
                store.publish(ingest.finish())
                number += events
        ingest.close()


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
    """The numbers of the events that a reader of the snapshot sees, sorted."""
    if not snapshot.files:
        return []
    paths = [str(file.path) for file in snapshot.files]
    connection = duck.connect()  # the query engine would skip damaged files
    try:
        rows = connection.execute("SELECT count FROM read_parquet($1) ORDER BY ALL", [paths]).fetchall()
    finally:
        connection.close()
    return [number for (number,) in rows]


def merge_all(store: Store, on_step: OnRewriteStep = lambda _: None) -> None:
    """Compact as `kevents store compact` does."""
    compact(store, CompactOptions(by_hand=True), NOW, Callbacks(on_step=on_step))


def prune_old(store: Store, on_step: OnRewriteStep = lambda _: None) -> None:
    """Prune by OLD."""
    prune(store, PruneOptions(OLD, builtin_ratings()), NOW, Callbacks(on_step=on_step))


def kept_of_old(day: int, number: int) -> bool:
    """Whether OLD keeps an event of this day of November: from the 5th to the 9th, only warnings and worse."""
    return day >= 10 or (day >= 5 and number % 2 == 1)


if __name__ == "__main__":

    def _kill_at(step: RewriteStep) -> None:
        if step == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)

    {"compact": merge_all, "prune": prune_old}[sys.argv[1]](Store(Path(sys.argv[2])), _kill_at)
