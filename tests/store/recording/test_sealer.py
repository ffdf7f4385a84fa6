"""Sealing in the background of a recorder: one worker at a time, which does not block the recorder."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import kevents
from kevents import clock, worker_process
from kevents.store.journal.files import journal_files
from kevents.store.recording import journal as journals
from kevents.store.recording.journal import Journal, Limits
from kevents.store.recording.sealer import BackgroundSealer
from kevents.store.store import Store
from tests.store.small_recorder import CLUSTER, NOW, is_tidy, record, seen

POPEN = subprocess.Popen


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "_CLOSE_TIMEOUT", 60)  # seconds, for a busy machine


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def replace_worker(monkeypatch: pytest.MonkeyPatch, code: str) -> list[list[str]]:
    """Let worker processes run this code instead. Returns the list of their original command lines."""
    commands: list[list[str]] = []

    def popen(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        commands.append(command)
        return POPEN([sys.executable, "-c", code], **options)

    monkeypatch.setattr(worker_process.subprocess, "Popen", popen)
    return commands


def test_closing_seals_everything_and_the_next_recorder_continues_from_there(store: Store) -> None:
    for first in (0, 10):
        journal = Journal.open(store, CLUSTER, clock.now, limits=Limits(bytes=2000))
        assert (journal.recovery.files, journal.checkpoints == {}) == (0, first == 0)
        record(journal, *range(first, first + 5))
        record(journal, *range(first + 5, first + 10))
        journal.close(None)  # a busy machine needs longer than the default
        assert journal.sealing_error is None
        assert not journal_files(journal.directory)
        assert sum(file.rows for file in store.files()) == first + 10
    assert seen(store) == list(range(20))
    assert is_tidy(store)


def test_one_worker_runs_at_a_time_and_the_next_seals_all_full_files(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = replace_worker(monkeypatch, "import time; time.sleep(0.3)")
    sealer = BackgroundSealer(store.directory, CLUSTER, clock.now)
    sealer.poll(0)
    assert commands == []
    for newest in (1, 2, 3):
        sealer.poll(newest)
    assert [command[-1] for command in commands] == ["1"]
    sealer.wait(3, 10)
    assert [command[-1] for command in commands] == ["1", "3"]
    assert (sealer.sealed, sealer.error) == (3, None)


def test_a_failure_is_reported_by_its_last_line_and_retried_after_a_delay(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = replace_worker(monkeypatch, "import sys; sys.exit('a\\nthe disk is full')")
    moment = [NOW]

    def now() -> datetime:
        return moment[0]

    sealer = BackgroundSealer(store.directory, CLUSTER, now)
    sealer.wait(1, 10)
    assert (sealer.sealed, sealer.error, len(commands)) == (0, "the disk is full", 1)
    sealer.poll(1)
    assert len(commands) == 1
    moment[0] += timedelta(seconds=10)
    replace_worker(monkeypatch, "")
    sealer.wait(1, 10)
    assert (sealer.sealed, sealer.error) == (1, None)


def test_a_worker_that_cannot_be_started_is_an_error_of_the_sealer_only(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(worker_process.subprocess, "Popen", fail)
    sealer = BackgroundSealer(store.directory, CLUSTER, clock.now)
    sealer.wait(1, 10)
    assert sealer.error == "cannot start sealing: Resource temporarily unavailable"


def test_waiting_ends_after_the_timeout(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_worker(monkeypatch, "import time; time.sleep(2)")
    sealer = BackgroundSealer(store.directory, CLUSTER, clock.now)
    start = time.monotonic()
    sealer.wait(1, 0.2)
    assert time.monotonic() - start < 1.5
    sealer.wait(1, 10)


def test_workers_import_the_package_of_the_recorder() -> None:
    assert Path(worker_process._IMPORT_PATH, "kevents").samefile(Path(kevents.__file__).parent)


def test_a_directory_named_kevents_in_the_working_directory_is_not_imported(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "kevents"
    trap.mkdir()
    (trap / "__init__.py").write_text("raise SystemExit('caught')")
    monkeypatch.chdir(tmp_path)
    journal = Journal.open(store, CLUSTER, clock.now)
    record(journal, 1)
    journal.close(None)
    assert journal.sealing_error is None
    assert sum(file.rows for file in store.files()) == 1
