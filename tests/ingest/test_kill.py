"""A killed import leaves a file stored completely or not at all, and the next import completes it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

from kevents.store.store import Store

EVENTS = 12_000


def write_dump(path: Path) -> None:
    items = [
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"web-{number}.x", "namespace": "shop"},
            "involvedObject": {"kind": "Pod", "name": f"web-{number}", "namespace": "shop"},
            "lastTimestamp": f"2026-11-{1 + number % 20:02}T00:15:53Z",
            "message": f"Started container {number}",
        }
        for number in range(EVENTS)
    ]
    path.write_text(json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=4))


def start_import(path: Path, store: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kevents", "import", str(path), "--store", str(store)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(directory: Path) -> int:
    return sum(file.rows for file in Store(directory).files())


def test_an_import_killed_at_any_time_leaves_all_of_a_file_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    write_dump(path)
    start = time.monotonic()
    assert start_import(path, tmp_path / "complete").wait() == 0
    seconds = time.monotonic() - start
    generator = random.Random(7)
    counts = set()
    for _ in range(8):
        process = start_import(path, tmp_path / "store")
        time.sleep(generator.uniform(0.5, 1.0) * seconds)
        process.kill()
        process.wait()
        counts.add(rows(tmp_path / "store"))
    assert counts <= {0, EVENTS}
    assert start_import(path, tmp_path / "store").wait() == 0
    store = Store(tmp_path / "store")
    assert rows(store.directory) == EVENTS
    assert {file.path for file in store.files()} == set((store.directory / "observations").rglob("*.parquet"))
    assert not any(store.staging.glob("*/*"))
