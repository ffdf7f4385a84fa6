"""The recorder's main loop: the order of writes, a full disk, and the log messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kevents.record.messages import LogMessage, message_of
from kevents.record.recorder import Recorder, RecorderCallbacks, RecorderOptions
from kevents.record.stats import RecorderStats
from kevents.source.cluster.backoff import Clock
from kevents.source.cluster.updates import (
    Cause,
    Gap,
    ListDone,
    Observations,
    Origin,
    Recovered,
    ResumePoint,
    Retry,
    Scope,
    Signal,
)
from kevents.store.recording.journal import Journal, JournalWriteError
from kevents.store.store import Store
from tests.record.recording import now

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVERYTHING = Scope()


def observations(version: int) -> Observations:
    at = NOON + timedelta(seconds=version)
    return Observations(EVERYTHING, Origin.WATCH, [b'{"n":%d}' % version], at, ResumePoint(version, at))


class FakeWatcher:
    """A watcher that yields the given signals. yielded: how many so far."""

    def __init__(self, *signals: Signal | None) -> None:
        self.script = signals
        self.yielded = 0
        self.stopped = False

    def signals(self, idle_after: float = 1) -> Iterator[Signal | None]:
        for signal in self.script:
            if self.stopped:
                return
            self.yielded += 1
            yield signal

    def stop(self) -> None:
        self.stopped = True


class FullJournal(Journal):
    """A journal that can't be written while is_full is set."""

    is_full = False

    def sync(self) -> None:
        if self.is_full:
            raise JournalWriteError("the journal cannot be written: No space left on device")
        super().sync()


def recorder_of(watcher: FakeWatcher, journal: Journal, messages: list[LogMessage]) -> Recorder:
    return Recorder(watcher, journal, Clock(now), RecorderCallbacks(messages.append, lambda _: None), RecorderOptions())


def lines_in(journal: Journal) -> list[str]:
    return [line for path in sorted(journal.directory.glob("*.ndjson")) for line in path.read_text().splitlines()]


def test_a_checkpoint_is_written_after_the_documents_that_it_covers(tmp_path: Path) -> None:
    journal = Journal.open(Store(tmp_path / "store"), "prod", now)
    listed = ListDone(EVERYTHING, ResumePoint(1, NOON), 1, 0)
    recorder_of(FakeWatcher(listed, observations(2), observations(3), None), journal, []).run()
    lines = lines_in(journal)
    first_words = [line.split(" ")[0] for line in lines if not line.startswith("#sum")]
    assert first_words == ["#covered", '{"n":2}', '{"n":3}', "#covered", "#checkpoint"]
    assert any(line.startswith("#checkpoint") and '"resource_version": 3' in line for line in lines)
    journal.close()


def test_while_the_disk_is_full_no_more_signals_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kevents.record.recorder._DISK_RETRY", 0.05)
    journal = FullJournal.open(Store(tmp_path / "store"), "prod", now)
    assert isinstance(journal, FullJournal)
    journal.is_full = True
    watcher = FakeWatcher(observations(1), None, observations(2), None)
    messages: list[LogMessage] = []
    recorder = recorder_of(watcher, journal, messages)
    thread = threading.Thread(target=recorder.run)
    thread.start()
    time.sleep(0.4)
    assert (watcher.yielded, recorder.stats.state) == (2, "full")
    journal.is_full = False
    thread.join(5)
    assert [line for line in lines_in(journal) if line.startswith("{")] == ['{"n":1}', '{"n":2}']
    assert [message.event for message in messages] == ["full", "room"]
    journal.close()


def test_stopping_while_the_disk_is_full_writes_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kevents.record.recorder._DISK_RETRY", 0.05)
    journal = FullJournal.open(Store(tmp_path / "store"), "prod", now)
    assert isinstance(journal, FullJournal)
    journal.is_full = True
    recorder = recorder_of(FakeWatcher(observations(1), None, observations(2)), journal, [])
    threading.Timer(0.3, recorder.stop).start()
    with pytest.raises(JournalWriteError):
        recorder.run()
    assert journal.checkpoints == {}
    with pytest.raises(JournalWriteError):
        journal.close()


def test_only_some_of_many_retries_are_logged() -> None:
    retries = [Retry(EVERYTHING, 1.6, Cause.UNREACHABLE, "refused", attempt) for attempt in range(1, 31)]
    assert [retry.attempt for retry in retries if message_of(retry)] == [1, 3, 10, 20, 30]


def test_retries_are_logged_with_scope_wait_and_attempt() -> None:
    first, third = (
        message_of(Retry(scope, 1.6, Cause.UNREACHABLE, "refused", attempt))
        for scope, attempt in ((EVERYTHING, 1), (Scope("shop"), 3))
    )
    assert first
    assert third
    assert first.text == "refused; trying again in 1.6s"
    assert third.text == "namespace shop: refused; trying again in 1.6s (attempt 3)"


def test_gaps_are_logged_with_duration_cause_and_what_was_recovered() -> None:
    message = message_of(Gap(Scope("shop"), NOON, NOON + timedelta(minutes=3), Cause.SILENT, Recovered.ALL))
    assert message
    assert message.text == (
        "gap of 3m in namespace shop since 2026-11-21 12:00:00Z: connection timed out; every missed update was fetched"
    )


def test_every_cause_and_recovery_of_a_gap_has_a_text() -> None:
    for cause in Cause:
        for recovered in Recovered:
            assert message_of(Gap(EVERYTHING, NOON, NOON, cause, recovered))


def test_the_rate_covers_the_last_ten_seconds() -> None:
    stats = RecorderStats()
    for second in range(31):
        stats.events = 100 * min(second, 20)
        stats.sample_events(second)
    assert stats.rate == pytest.approx(0, abs=1)
