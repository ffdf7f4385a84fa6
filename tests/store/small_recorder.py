"""A small recorder for tests: it writes numbered events into a journal. As a program, it records until it is killed.

python -m tests.store.small_recorder STORE FIRST     prints the number of durable events after each sync
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kevents import clock
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.store.coverage import ALL
from kevents.store.journal import control_lines
from kevents.store.recording.journal import Journal, Limits
from kevents.store.store import Store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLUSTER = "prod"
_BATCH = 20


def document(number: int, **fields: Any) -> bytes:
    """An event as JSON from an API server. The number determines its count, resourceVersion and times."""
    seen = f"2026-11-{10 + number % 10}T09:{number // 60 % 60:02}:{number % 60:02}Z"
    event = {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {
            "name": f"web-{number}.x",
            "namespace": "shop",
            "uid": f"00000000-0000-4000-8000-{number:012}",
            "resourceVersion": str(number),
        },
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": f"web-{number}"},
        "reason": "Started",
        "message": f"Started container {number}",
        "source": {"component": "kubelet"},
        "firstTimestamp": seen,
        "lastTimestamp": seen,
        "count": number + 1,
        "type": "Normal",
        "eventTime": None,
    }
    return json.dumps(event | fields, separators=(",", ":"), ensure_ascii=False).encode()


class NoSealer:
    """A sealer that does not seal anything. newest: the newest full file."""

    def __init__(self) -> None:
        self.error: str | None = None
        self.sealed = 0
        self.newest = 0
        self.added: Counter[int] = Counter()

    def poll(self, newest: int) -> None:
        self.newest = newest

    def wait(self, newest: int, seconds: float | None) -> None:
        self.newest = newest


def open_journal(store: Store, limits: Limits | None = None, cluster: str = CLUSTER) -> Journal:
    """An open journal whose files are not sealed."""
    return Journal.open(store, cluster, lambda: NOW, limits=limits, sealer=NoSealer())


def record(journal: Journal, *numbers: int) -> None:
    """Write events and a checkpoint after them, and sync."""
    journal.write([document(number) for number in numbers])
    journal.note(*control_lines.checkpoint(ALL, max(numbers), NOW))
    journal.sync()


def seen(store: Store) -> list[int]:
    """The numbers of all observations that a reader sees now, sorted."""
    snapshot = store.snapshot()
    fresh = snapshot.fresh(NOW)
    engine = Engine(snapshot.files, Selection(), NOW, fresh and fresh.table)
    sql = "SELECT count - 1 AS number FROM observations ORDER BY ALL"
    return [number for batch in engine.batches(sql) for number in batch.column(0).to_pylist()]


def is_tidy(store: Store) -> bool:
    """Whether the store has no files that the catalog does not list."""
    on_disk = set((store.directory / "observations").rglob("*.parquet"))
    return on_disk == {file.path for file in store.files()} and not any(store.staging.iterdir())


def _main(directory: str, first: str) -> None:
    journal = Journal.open(Store(Path(directory)), CLUSTER, clock.now, limits=Limits(bytes=100_000))
    number = int(first)
    while True:
        record(journal, *range(number, number + _BATCH))
        number += _BATCH
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main(*sys.argv[1:])
