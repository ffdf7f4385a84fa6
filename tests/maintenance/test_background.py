"""Maintenance in the background of a recorder: when it runs, what it starts, and what it reports."""

from __future__ import annotations

import json
import shutil
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from kevents import clock, worker_process
from kevents.cli.actions.record_maintenance import MaintenanceLog
from kevents.cli.flags import RetentionFlags
from kevents.maintenance import background
from kevents.maintenance.background import BackgroundMaintenance
from kevents.maintenance.retention import RetentionRules
from kevents.maintenance.round import maintain
from kevents.maintenance.round_result import RoundResult
from kevents.store.store import Store
from tests.record.process import Commands, commands_of, until
from tests.record.recording import stored_versions
from tests.server import Etcd, Server
from tests.server.fixtures import _no_proxy, etcd, server
from tests.store.numbered_events import NOW, OLD, fill, numbers
from tests.store.recording.test_sealer import replace_worker

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures


class TimedMaintenance:
    """Background maintenance with a simulated clock, and its results."""

    def __init__(self, store: Store, rules: RetentionRules | None = None) -> None:
        self.now = NOW
        self.results: list[RoundResult] = []
        self.maintenance = BackgroundMaintenance(
            store.directory, "prod", rules or RetentionRules(), lambda: self.now, self.results.append
        )

    def after(self, **duration: float) -> list[RoundResult]:
        """Advance the clock. Returns the new results."""
        self.now += timedelta(**duration)
        self.maintenance.poll()
        if self.maintenance._worker:
            self.maintenance._worker.wait(30)
            self.maintenance.poll()
        results = [*self.results]
        self.results.clear()
        return results


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled") / "store"
    fill(Store(directory), (3, 19), files=2)
    return directory


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Store:
    return Store(shutil.copytree(filled, tmp_path / "store"))


def test_the_first_round_is_after_a_minute_and_the_next_one_ten_minutes_after_its_end(store: Store) -> None:
    timed = TimedMaintenance(store)
    assert timed.after(seconds=59) == []
    assert timed.after(seconds=1) == [RoundResult(merged=4, made=2)]
    assert timed.after(minutes=9, seconds=59) == []
    assert timed.after(seconds=1) == [RoundResult()]


def test_no_process_is_started_if_nothing_is_due(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    maintain(store, "prod", OLD, NOW)
    monkeypatch.setattr(background, "WorkerProcess", None)
    assert TimedMaintenance(store, OLD).after(minutes=1) == [RoundResult()]


def test_a_round_reports_what_it_pruned_and_the_excess_over_the_size_limit(store: Store) -> None:
    now = clock.now()
    fill(store, [now.date()], files=1)
    size = {file.day: file.bytes for file in store.files()}
    timed = TimedMaintenance(store, RetentionRules(max_size=1))
    timed.now = now
    (result,) = timed.after(minutes=1)
    assert (result.days, result.observations) == (["2026-11-03", "2026-11-19"], 40)
    assert result.excess == size[now.date()] - 1
    assert timed.after(minutes=10) == [RoundResult(excess=result.excess)]


def test_a_failed_round_is_reported_by_its_last_line_and_the_next_one_still_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_worker(monkeypatch, "import sys; sys.exit('a\\nthe disk is full')")
    timed = TimedMaintenance(store)
    assert timed.after(minutes=1) == [RoundResult(failures=["the disk is full"])]
    monkeypatch.undo()
    assert timed.after(minutes=10) == [RoundResult(merged=4, made=2)]


def test_a_process_that_cannot_be_started_and_a_damaged_catalog_are_reported(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    timed = TimedMaintenance(store)
    monkeypatch.setattr(worker_process.subprocess, "Popen", fail)
    (result,) = timed.after(minutes=1)
    assert result.failures == ["cannot start a process: Resource temporarily unavailable"]
    (store.directory / "catalog.json").write_text("{")
    (result,) = timed.after(minutes=10)
    assert "catalog.json is damaged" in result.failures[0]


def test_closing_kills_the_current_round(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_worker(monkeypatch, "import time; time.sleep(60)")
    timed = TimedMaintenance(store)
    timed.now += timedelta(minutes=1)
    timed.maintenance.poll()
    running = timed.maintenance._worker
    assert running and running.is_running
    timed.maintenance.close()
    assert not running.is_running


def test_an_invalid_severity_table_prevents_pruning_but_not_compaction(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEVENTS_CONFIG_DIR", str(tmp_path))
    (tmp_path / "severity.toml").write_text("[Killing]\nseverity = 'awful'\n")
    before = numbers(store.snapshot())
    rules = RetentionRules(timedelta(days=10), keep={"warning": timedelta(days=1000)})
    result = maintain(store, "prod", rules, NOW)
    assert "cannot keep events by severity: " in result.failures[0]
    assert (result.observations, result.merged, result.made) == (0, 4, 2)
    assert numbers(store.snapshot()) == before
    (tmp_path / "severity.toml").write_text("[Killing]\nseverity = 'critical'\n")
    result = maintain(store, "prod", rules, NOW)
    assert (result.failures, result.observations) == ([], 5)  # only Started; Killing, BackOff and FailedMount are kept


def test_a_result_survives_a_round_trip() -> None:
    result = RoundResult(["2026-11-03"], 5, 6, 7, 8, 9, 1, ["a\nb"])
    assert RoundResult.from_json(result.to_json()) == result


def test_lasting_problems_are_logged_once_and_failures_each_time() -> None:
    log = MaintenanceLog.of(RetentionFlags("120d", "20GB", ["warning=365d"]))
    assert log.retention == "120d, warning=365d, at most 20GB"
    assert MaintenanceLog.of(RetentionFlags()).retention == "everything"
    first = RoundResult(["2026-11-03", "2026-11-04"], 1200, 2048, excess=1 << 20, merged=40, made=1, damaged=1)
    assert [(message.level, message.text) for message in log.ended(first, NOW)] == [
        ("info", "pruned 1,200 observations (2KiB) of 2 days from 2026-11-03 to 2026-11-04"),
        ("info", "compacted 40 small files into 1 large file"),
        (
            "warning",
            "the cluster is 1MiB larger than --max-size:"
            " what is left is from today or has no usable time, which is never pruned",
        ),
        ("warning", "1 file is damaged and neither compacted nor pruned: see kevents store verify"),
    ]
    assert log.ended(RoundResult(excess=5, damaged=2), NOW) == []
    assert len(log.ended(RoundResult(failures=["disk full"]), NOW)) == 1
    assert (log.at, log.failure) == (NOW, "disk full")
    assert len(log.ended(RoundResult(excess=5, failures=["disk full"]), NOW)) == 2


@pytest.fixture
def kevents(server: Server, tmp_path: Path) -> Commands:
    return commands_of(server, tmp_path)


def status(kevents: Commands) -> dict[str, Any]:
    (row,) = json.loads(kevents.answer("status", "-o", "json"))
    return cast("dict[str, Any]", row)


def test_a_recorder_prunes_and_compacts_while_it_records(kevents: Commands, etcd: Etcd) -> None:
    today = clock.now().date()
    store = Store(kevents.store)
    fill(store, [today - timedelta(days=days) for days in (40, 20, 3)], files=3)
    kevents.module = "tests.maintenance.quick_rounds"
    flags = ("--older-than", "10d", "--keep-severity", "warning=30d", "--max-size", "1GB")
    with kevents.run("record", "-A", *flags) as recorder:
        until(lambda: "pruned 45 observations" in recorder.err, 20)
        until(lambda: "small files into" in recorder.err, 20)
        moment = clock.now().isoformat(timespec="seconds")  # not on a day that is pruned
        etcd.add(30, firstTimestamp=moment, lastTimestamp=moment)
        until(lambda: len(stored_versions(kevents.store)) == 45 + 30, 20)
        until(lambda: status(kevents)["upkeep"], 20)
        row = status(kevents)
        recorder.send(signal.SIGTERM)
        assert recorder.ended() == 0
    assert (row["keeps"], row["last_error"]) == ("10d, warning=30d, at most 1GB", None)
    days = {file.day: file for file in store.files() if file.day and file.day < today}
    assert {day: file.rows for day, file in days.items()} == {
        today - timedelta(days=20): 15,
        today - timedelta(days=3): 30,
    }
    assert json.loads(kevents.answer("store", "verify", "-o", "json")) == []


def test_a_recording_that_ends_before_the_first_round_runs_one_at_its_end(kevents: Commands, etcd: Etcd) -> None:
    etcd.add(3)
    today = clock.now().date()
    fill(Store(kevents.store), [today - timedelta(days=days) for days in (20, 3)], files=2)
    with kevents.run("record", "-A", "--once", "--older-than", "10d") as recorder:
        assert recorder.ended(20) == 0
    assert "pruned 20 observations" in recorder.err
    assert "compacted 2 small files into 1 large file" in recorder.err
    assert len(stored_versions(kevents.store)) == 20 + 3
