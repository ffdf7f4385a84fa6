"""Upkeep beside a recorder: when it looks, what it starts, and what it says of that."""

from __future__ import annotations

import json
import shutil
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from kevents import clock
from kevents import worker_process as children
from kevents.cli.actions.record_maintenance import MaintenanceLog
from kevents.cli.flags import RetentionFlags
from kevents.maintenance import background as pace
from kevents.maintenance.background import BackgroundMaintenance
from kevents.maintenance.retention import Rules
from kevents.maintenance.round import keep_up
from kevents.maintenance.round_result import RoundResult
from kevents.store.store import Store
from tests.record.process import Commands, commands_of, until
from tests.record.recording import stored_versions
from tests.server import Etcd, Server
from tests.server.fixtures import _no_proxy, etcd, server
from tests.store.numbered_events import NOW, OLD, fill, numbers
from tests.store.recording.test_sealer import child

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures


class Looked:
    """A Beside whose clock is turned by hand, and what it told."""

    def __init__(self, store: Store, rules: Rules | None = None) -> None:
        self.now = NOW
        self.told: list[RoundResult] = []
        self.beside = BackgroundMaintenance(
            store.directory, "prod", rules or Rules(), lambda: self.now, self.told.append
        )

    def after(self, **passed: float) -> list[RoundResult]:
        """What is told so much later."""
        self.now += timedelta(**passed)
        self.beside.look()
        if self.beside._child:
            self.beside._child.wait(30)
            self.beside.look()
        told = [*self.told]
        self.told.clear()
        return told


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled") / "store"
    fill(Store(directory), (3, 19), files=2)
    return directory


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Store:
    return Store(shutil.copytree(filled, tmp_path / "store"))


def test_the_first_round_comes_after_a_minute_and_the_next_ten_minutes_after_its_end(store: Store) -> None:
    looked = Looked(store)
    assert looked.after(seconds=59) == []
    assert looked.after(seconds=1) == [RoundResult(merged=4, made=2)]
    assert looked.after(minutes=9, seconds=59) == []
    assert looked.after(seconds=1) == [RoundResult()]


def test_no_process_is_started_where_nothing_is_due(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_up(store, "prod", OLD, NOW)
    monkeypatch.setattr(pace, "Child", None)
    assert Looked(store, OLD).after(minutes=1) == [RoundResult()]


def test_a_round_says_what_it_pruned_and_what_is_still_too_much(store: Store) -> None:
    now = clock.now()
    fill(store, [now.date()], files=1)
    size = {file.day: file.bytes for file in store.files()}
    looked = Looked(store, Rules(max_size=1))
    looked.now = now
    (outcome,) = looked.after(minutes=1)
    assert (outcome.days, outcome.observations) == (["2026-11-03", "2026-11-19"], 40)
    assert outcome.excess == size[now.date()] - 1
    assert looked.after(minutes=10) == [RoundResult(excess=outcome.excess)]


def test_a_failed_round_is_told_by_its_last_line_and_the_next_one_comes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    child(monkeypatch, "import sys; sys.exit('a\\nthe disk is full')")
    looked = Looked(store)
    assert looked.after(minutes=1) == [RoundResult(failures=["the disk is full"])]
    monkeypatch.undo()
    assert looked.after(minutes=10) == [RoundResult(merged=4, made=2)]


def test_a_process_that_cannot_be_started_and_a_damaged_catalog_stop_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    looked = Looked(store)
    monkeypatch.setattr(children.subprocess, "Popen", fail)
    assert looked.after(minutes=1) == [RoundResult(failures=["it cannot be started: Resource temporarily unavailable"])]
    (store.directory / "catalog.json").write_text("{")
    (outcome,) = looked.after(minutes=10)
    assert "catalog.json is damaged" in outcome.failures[0]


def test_a_recorder_that_ends_ends_its_round(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, "import time; time.sleep(60)")
    looked = Looked(store)
    looked.now += timedelta(minutes=1)
    looked.beside.look()
    running = looked.beside._child
    assert running and running.is_running
    looked.beside.close()
    assert not running.is_running


def test_severities_of_ones_own_that_cannot_be_read_prune_nothing_and_compact_all_the_same(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEVENTS_CONFIG_DIR", str(tmp_path))
    (tmp_path / "severity.toml").write_text("[Killing]\nseverity = 'awful'\n")
    before = numbers(store.snapshot())
    rules = Rules(timedelta(days=10), keep={"warning": timedelta(days=1000)})
    outcome = keep_up(store, "prod", rules, NOW)
    assert "severities say what stays, but" in outcome.failures[0]
    assert (outcome.observations, outcome.merged, outcome.made) == (0, 4, 2)
    assert numbers(store.snapshot()) == before
    (tmp_path / "severity.toml").write_text("[Killing]\nseverity = 'critical'\n")
    outcome = keep_up(store, "prod", rules, NOW)
    assert (outcome.failures, outcome.observations) == ([], 5)  # Started; Killing stays, as BackOff and FailedMount


def test_an_outcome_comes_to_the_recorder_as_it_is() -> None:
    outcome = RoundResult(["2026-11-03"], 5, 6, 7, 8, 9, 1, ["a\nb"])
    assert RoundResult.read(outcome.written()) == outcome


def test_what_goes_on_being_wrong_is_said_once_and_failures_each_time() -> None:
    keeping = MaintenanceLog.of(RetentionFlags("120d", "20GB", ["warning=365d"]))
    assert keeping.words == "120d, warning=365d, at most 20GB"
    assert MaintenanceLog.of(RetentionFlags()).words == "everything"
    first = RoundResult(["2026-11-03", "2026-11-04"], 1200, 2048, excess=1 << 20, merged=40, made=1, damaged=1)
    assert [(message.level, message.text) for message in keeping.ended(first, NOW)] == [
        ("info", "pruned 1,200 observations (2KiB) of 2 days from 2026-11-03 to 2026-11-04"),
        ("info", "compacted 40 small files into 1 large one"),
        (
            "warning",
            "the cluster takes 1MiB more than --max-size:"
            " what is left is of today or has no usable time, which is never pruned",
        ),
        ("warning", "1 file is damaged and neither compacted nor pruned: see kevents store verify"),
    ]
    assert keeping.ended(RoundResult(excess=5, damaged=2), NOW) == []
    assert len(keeping.ended(RoundResult(failures=["no room"]), NOW)) == 1
    assert (keeping.at, keeping.failure) == (NOW, "no room")
    assert len(keeping.ended(RoundResult(excess=5, failures=["no room"]), NOW)) == 2


@pytest.fixture
def kevents(server: Server, tmp_path: Path) -> Commands:
    return commands_of(server, tmp_path)


def status(kevents: Commands) -> dict[str, Any]:
    (told,) = json.loads(kevents.answer("status", "-o", "json"))
    return cast("dict[str, Any]", told)


def test_a_recorder_prunes_and_compacts_while_it_records(kevents: Commands, etcd: Etcd) -> None:
    today = clock.now().date()
    store = Store(kevents.store)
    fill(store, [today - timedelta(days=days) for days in (40, 20, 3)], files=3)
    kevents.module = "tests.maintenance.quick_rounds"
    flags = ("--older-than", "10d", "--keep-severity", "warning=30d", "--max-size", "1GB")
    with kevents.run("record", "-A", *flags) as recorder:
        until(lambda: "pruned 45 observations" in recorder.said, 20)
        until(lambda: "small files into" in recorder.said, 20)
        moment = clock.now().isoformat(timespec="seconds")  # a day that is pruned would take the events along
        etcd.add(30, firstTimestamp=moment, lastTimestamp=moment)
        until(lambda: len(stored_versions(kevents.store)) == 45 + 30, 20)
        until(lambda: status(kevents)["upkeep"], 20)
        told = status(kevents)
        recorder.send(signal.SIGTERM)
        assert recorder.ended() == 0
    assert (told["keeps"], told["last_error"]) == ("10d, warning=30d, at most 1GB", None)
    days = {file.day: file for file in store.files() if file.day and file.day < today}
    assert {day: file.rows for day, file in days.items()} == {
        today - timedelta(days=20): 15,
        today - timedelta(days=3): 30,
    }
    assert json.loads(kevents.answer("store", "verify", "-o", "json")) == []


def test_a_recording_that_ends_before_its_first_round_has_one_at_its_end(kevents: Commands, etcd: Etcd) -> None:
    etcd.add(3)
    today = clock.now().date()
    fill(Store(kevents.store), [today - timedelta(days=days) for days in (20, 3)], files=2)
    with kevents.run("record", "-A", "--once", "--older-than", "10d") as recorder:
        assert recorder.ended(20) == 0
    assert "pruned 20 observations" in recorder.said
    assert "compacted 2 small files into 1 large one" in recorder.said
    assert len(stored_versions(kevents.store)) == 20 + 3
