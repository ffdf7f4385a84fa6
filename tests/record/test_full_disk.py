"""`kevents record` on a disk that becomes full, and a recorder that no longer reports its state."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from kevents.record.messages import LogMessage
from kevents.record.recorder import Recorder, RecorderCallbacks
from kevents.source.cluster.backoff import Clock
from kevents.store.recording.journal import Journal
from kevents.store.store import Store
from tests.record.process import Commands, until
from tests.record.recording import now
from tests.server import Etcd, Server


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB for the store."""
    store = tmp_path / "store"
    store.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=4m", "none", str(store)]
    if not mount or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    yield store
    subprocess.run(["umount", "-l", str(store)], check=True)


def state_of(kevents: Commands) -> dict[str, object]:
    (row,) = json.loads(kevents.answer("status", "-o", "json"))
    return dict(row)


def test_status_is_full_while_the_disk_is_full(small_disk: Path, kevents: Commands, etcd: Etcd, server: Server) -> None:
    etcd.add(3)
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(list(small_disk.glob("journal/*/recorder.json"))))
        until(lambda: state_of(kevents)["state"] == "watching", 20)
        fill = small_disk / "fill"
        with fill.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while file.write(bytes(1 << 12)):
                pass
        etcd.add(200, message="x" * 1000)
        until(lambda: "waiting for free space" in recorder.err, 20)
        until(lambda: state_of(kevents)["state"] == "full", 20)
        assert "No space left" in str(state_of(kevents)["last_error"])
        fill.unlink()
        until(lambda: "writable again" in recorder.err, 20)
        until(lambda: state_of(kevents)["state"] == "watching", 20)
        recorder.send(signal.SIGTERM)
        assert recorder.ended(40) == 0


def test_a_recorder_that_reports_nothing_is_shown_with_the_age_of_its_state(
    kevents: Commands, etcd: Etcd, server: Server
) -> None:
    etcd.add(1)
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(list(kevents.store.glob("journal/*/recorder.json"))))
        recorder.send(signal.SIGSTOP)
        time.sleep(0.2)
        (path,) = kevents.store.glob("journal/*/recorder.json")
        state = json.loads(path.read_text())
        path.write_text(json.dumps(state | {"state": "watching", "told": "2026-11-20T00:00:00+00:00"}))
        shown = state_of(kevents)
        assert shown["state"] == "unknown"
        assert str(shown["last_error"]).startswith("no state for ")
        assert "before that watching" in str(shown["last_error"])
        recorder.send(signal.SIGCONT)


def test_sealing_that_fails_is_logged_once_and_reported(kevents: Commands, etcd: Etcd, server: Server) -> None:
    etcd.add(2)
    kevents.store.mkdir()
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(server.requests("watch")))
        (kevents.store / "catalog.json").write_text("{")
        (kevents.store / "catalog.json.bak").write_text("{")
        recorder.send(signal.SIGTERM)
        recorder.ended(40)
    assert "the journal could not be turned into segments: " in recorder.err
    assert [*kevents.store.glob("journal/*/*.ndjson")]  # nothing is lost


class FailingSealer:
    """A sealer that fails in its second to fourth attempt."""

    def __init__(self) -> None:
        self.sealed, self.attempts = 0, 0
        self.added: Counter[int] = Counter()

    @property
    def error(self) -> str | None:
        return f"no space, attempt {self.attempts}" if 2 <= self.attempts <= 4 else None

    def poll(self, newest: int) -> None:
        self.attempts += 1

    def wait(self, newest: int, seconds: float | None) -> None:
        pass


class IdleWatcher:
    """A watcher without signals, which is asked once a second."""

    def signals(self, idle_after: float = 1) -> Iterator[None]:
        return iter([None] * 8)

    def stop(self) -> None:
        pass


def test_sealing_that_keeps_failing_is_logged_when_it_starts_and_ends(tmp_path: Path) -> None:
    journal = Journal.open(Store(tmp_path / "store"), "prod", now, sealer=FailingSealer())
    messages: list[LogMessage] = []
    seconds = count(step=2)
    callbacks = RecorderCallbacks(messages.append, lambda _: None)
    Recorder(IdleWatcher(), journal, Clock(now, monotonic=lambda: next(seconds)), callbacks).run()
    journal.close()
    assert [(message.level.value, message.event) for message in messages] == [
        ("warning", "sealing"),
        ("info", "sealed"),
    ]
    assert "cannot be turned into segments: no space, attempt 2" in messages[0].text


def test_a_failure_of_the_first_request_is_the_state(kevents: Commands, server: Server) -> None:
    server.api.tokens = {"another"}
    with kevents.run("record", "-A") as recorder:
        assert recorder.ended(40) == 3
    shown = state_of(kevents)
    assert shown["state"] == "stopped"
    assert "rejected the credentials" in str(shown["last_error"])
    assert json.loads(kevents.answer("coverage", "-o", "json")) == []
