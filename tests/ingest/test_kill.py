"""A killed import leaves the store as it was before a file or after it, and the next import makes it whole."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

from kevents.store.store import Store

EVENTS = 12_000


def dump(path: Path) -> None:
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


def importing(path: Path, store: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kevents", "import", str(path), "--store", str(store)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(directory: Path) -> int:
    return sum(file.rows for file in Store(directory).files())


def test_kill_9_at_any_moment_leaves_all_of_a_file_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    dump(path)
    began = time.monotonic()
    assert importing(path, tmp_path / "whole").wait() == 0
    took = time.monotonic() - began
    moments = random.Random(7)
    left = []
    for _ in range(8):
        killed = importing(path, tmp_path / "store")
        time.sleep(moments.uniform(0.5, 1.0) * took)
        killed.kill()
        killed.wait()
        left.append(rows(tmp_path / "store"))
    assert set(left) <= {0, EVENTS}
    assert importing(path, tmp_path / "store").wait() == 0
    store = Store(tmp_path / "store")
    assert rows(store.directory) == EVENTS
    assert {file.path for file in store.files()} == set((store.directory / "observations").rglob("*.parquet"))
    assert not any(store.staging.glob("*/*"))
