"""The recorder's loop by itself: what it writes in which order, and what it does when nothing can be written."""

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


class Script:
    """A watcher that tells what it is given."""

    def __init__(self, *signals: Signal | None) -> None:
        self.script = signals
        self.taken = 0
        self.stopped = False

    def signals(self, idle_after: float = 1) -> Iterator[Signal | None]:
        for signal in self.script:
            if self.stopped:
                return
            self.taken += 1
            yield signal

    def stop(self) -> None:
        self.stopped = True


class Flaky(Journal):
    """A journal whose disk is full until somebody makes room."""

    is_full = False

    def sync(self) -> None:
        if self.is_full:
            raise JournalWriteError("the journal cannot be written: No space left on device")
        super().sync()


def recorder_of(watcher: Script, journal: Journal, said: list[LogMessage]) -> Recorder:
    return Recorder(watcher, journal, Clock(now), RecorderCallbacks(said.append, lambda _: None), RecorderOptions())


def written(journal: Journal) -> list[str]:
    return [line for path in sorted(journal.directory.glob("*.ndjson")) for line in path.read_text().splitlines()]


def test_a_checkpoint_stands_behind_the_documents_that_it_covers(tmp_path: Path) -> None:
    journal = Journal.open(Store(tmp_path / "store"), "prod", now)
    listed = ListDone(EVERYTHING, ResumePoint(1, NOON), 1, 0)
    recorder_of(Script(listed, observations(2), observations(3), None), journal, []).run()
    lines = written(journal)
    marks = [line.split(" ")[0] for line in lines if not line.startswith("#sum")]
    assert marks == ["#covered", '{"n":2}', '{"n":3}', "#covered", "#checkpoint"]
    assert any(line.startswith("#checkpoint") and '"resource_version": 3' in line for line in lines)
    journal.close()


def test_on_a_full_disk_nothing_more_is_taken_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kevents.record.recorder._ROOM", 0.05)
    journal = Flaky.open(Store(tmp_path / "store"), "prod", now)
    assert isinstance(journal, Flaky)
    journal.is_full = True
    watcher = Script(observations(1), None, observations(2), None)
    said: list[LogMessage] = []
    recorder = recorder_of(watcher, journal, said)
    running = threading.Thread(target=recorder.run)
    running.start()
    time.sleep(0.4)
    assert (watcher.taken, recorder.figures.state) == (2, "full")
    journal.is_full = False
    running.join(5)
    assert [line for line in written(journal) if line.startswith("{")] == ['{"n":1}', '{"n":2}']
    assert [one.event for one in said] == ["full", "room"]
    journal.close()


def test_a_stop_is_heard_while_the_disk_is_full_and_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kevents.record.recorder._ROOM", 0.05)
    journal = Flaky.open(Store(tmp_path / "store"), "prod", now)
    assert isinstance(journal, Flaky)
    journal.is_full = True
    recorder = recorder_of(Script(observations(1), None, observations(2)), journal, [])
    threading.Timer(0.3, recorder.stop).start()
    with pytest.raises(JournalWriteError):
        recorder.run()
    assert journal.checkpoints == {}
    with pytest.raises(JournalWriteError):
        journal.close()


def test_only_some_of_many_tries_are_told() -> None:
    tries = [Retry(EVERYTHING, 1.6, Cause.UNREACHABLE, "refused", attempt) for attempt in range(1, 31)]
    assert [one.attempt for one in tries if message_of(one)] == [1, 3, 10, 20, 30]


def test_a_gap_is_told_with_its_length_its_cause_and_what_was_made_good() -> None:
    gap = Gap(Scope("shop"), NOON, NOON + timedelta(minutes=3), Cause.SILENT, Recovered.ALL)
    sentence = message_of(gap)
    assert sentence
    assert sentence.sentence == (
        "a gap of 3m of namespace shop since 2026-11-21 12:00:00Z: the server fell silent; "
        "everything came late, nothing is missing"
    )


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    figures = RecorderStats()
    for second in range(31):
        figures.events = 100 * min(second, 20)
        figures.mark(second)
    assert figures.rate == pytest.approx(0, abs=1)
