"""Sealing beside a recorder: one child at a time, which neither stops the recorder nor is lost sight of."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kevents import clock
from kevents import worker_process as children
from kevents.store.journal.files import numbered
from kevents.store.recording import journal as journals
from kevents.store.recording.journal import Journal, Limits
from kevents.store.recording.sealer import Sealing
from kevents.store.store import Store
from tests.store.small_recorder import CLUSTER, NOW, is_tidy, record, seen

POPEN = subprocess.Popen


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "_LEAVE", 60)  # seconds: a machine may have much else to do


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def child(monkeypatch: pytest.MonkeyPatch, code: str) -> list[list[str]]:
    """Let the children run this code instead; the command lines that they would have had."""
    commands: list[list[str]] = []

    def instead(command: list[str], **told: Any) -> subprocess.Popen[bytes]:
        commands.append(command)
        return POPEN([sys.executable, "-c", code], **told)

    monkeypatch.setattr(children.subprocess, "Popen", instead)
    return commands


def test_closing_seals_everything_and_the_next_recorder_goes_on_from_there(store: Store) -> None:
    for first in (0, 10):
        journal = Journal.open(store, CLUSTER, clock.now, limits=Limits(bytes=2000))
        assert (journal.recovery.files, journal.checkpoints == {}) == (0, first == 0)
        record(journal, *range(first, first + 5))
        record(journal, *range(first + 5, first + 10))
        journal.close()
        assert journal.sealing_error is None
        assert not numbered(journal.directory)
        assert sum(file.rows for file in store.files()) == first + 10
    assert seen(store) == list(range(20))
    assert is_tidy(store)


def test_one_child_runs_at_a_time_and_the_next_takes_all_that_is_full(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = child(monkeypatch, "import time; time.sleep(0.3)")
    seals = Sealing(store.directory, CLUSTER, clock.now)
    seals.look(0)
    assert commands == []
    for newest in (1, 2, 3):
        seals.look(newest)
    assert [command[-1] for command in commands] == ["1"]
    seals.wait(3, 10)
    assert [command[-1] for command in commands] == ["1", "3"]
    assert (seals.sealed, seals.error) == (3, None)


def test_a_failure_is_told_by_its_last_line_and_tried_again_after_a_pause(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = child(monkeypatch, "import sys; sys.exit('a\\nthe disk is full')")
    moment = [NOW]

    def now() -> datetime:
        return moment[0]

    seals = Sealing(store.directory, CLUSTER, now)
    seals.wait(1, 10)
    assert (seals.sealed, seals.error, len(commands)) == (0, "the disk is full", 1)
    seals.look(1)
    assert len(commands) == 1
    moment[0] += timedelta(seconds=10)
    child(monkeypatch, "")
    seals.wait(1, 10)
    assert (seals.sealed, seals.error) == (1, None)


def test_a_child_that_cannot_be_started_stops_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(children.subprocess, "Popen", fail)
    seals = Sealing(store.directory, CLUSTER, clock.now)
    seals.wait(1, 10)
    assert seals.error == "sealing cannot be started: Resource temporarily unavailable"


def test_closing_waits_no_longer_than_it_may(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, "import time; time.sleep(2)")
    seals = Sealing(store.directory, CLUSTER, clock.now)
    began = time.monotonic()
    seals.wait(1, 0.2)
    assert time.monotonic() - began < 1.5
    seals.wait(1, 10)


def test_a_directory_named_kevents_where_the_recorder_was_started_is_not_run(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "kevents"
    trap.mkdir()
    (trap / "__init__.py").write_text("raise SystemExit('caught')")
    monkeypatch.chdir(tmp_path)
    journal = Journal.open(store, CLUSTER, clock.now)
    record(journal, 1)
    journal.close()
    assert journal.sealing_error is None
    assert sum(file.rows for file in store.files()) == 1
