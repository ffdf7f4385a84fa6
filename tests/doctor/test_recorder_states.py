"""What `kevents doctor` reports about a recorder, by its last state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kevents.doctor.store import recorder_checks
from kevents.store.journal.files import journal_directory
from kevents.store.journal.recorder_state import RecorderState, write_state
from kevents.store.lock import Lock
from kevents.store.paths import lock_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RUNNING = RecorderState("prod", 1, NOW, NOW, state="watching", events=5, last_contact=NOW)
STOPPED = replace(RUNNING, state="stopped", updated=NOW - timedelta(minutes=10), last_error="got 503")


@pytest.mark.parametrize(
    ("state", "mark", "text"),
    [
        (replace(STOPPED, last_contact=None), "warn", "stopped 10m ago before it could list anything: got 503"),
        (
            replace(STOPPED, more={"state_before_end": "waiting"}),
            "warn",
            "stopped 10m ago while its requests or writes failed: got 503",
        ),
        (replace(STOPPED, more={"state_before_end": "watching"}), "ok", "stopped 10m ago after 5 events"),
        (RUNNING, "ok", "watching (process 1): 5 events"),
        (replace(RUNNING, state="starting", last_contact=None, last_error="got 503"), "warn", "no contact yet"),
        (replace(RUNNING, more={"sealing_error": "no space"}), "warn", "cannot be turned into segments: no space"),
        (
            replace(RUNNING, updated=NOW - timedelta(minutes=10)),
            "warn",
            "process 1 has not reported its state for 10m; before that: watching",
        ),
    ],
)
def test_only_a_recorder_that_records_is_ok(state: RecorderState, mark: str, text: str, tmp_path: Path) -> None:
    directory = journal_directory(tmp_path, "prod")
    directory.mkdir(parents=True)
    write_state(directory, state)
    lock = Lock(lock_of(directory))
    assert state.state == "stopped" or lock.acquire()
    try:
        (finding,) = recorder_checks(tmp_path, NOW)
    finally:
        lock.release()
    assert (finding.mark, text in finding.finding) == (mark, True), finding
