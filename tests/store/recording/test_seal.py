"""Sealing: after a kill or failure at any moment, readers see every durable event exactly once."""

from __future__ import annotations

import errno
import io
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kevents import clock
from kevents.errors import StoreError
from kevents.ingest.importer import Options, import_into
from kevents.source.input.paths import file_inputs
from kevents.store import catalog
from kevents.store.coverage import ALL, Checkpoint, Span, State
from kevents.store.journal import control_lines
from kevents.store.journal.files import journal_files
from kevents.store.recording.journal import Journal, Limits
from kevents.store.recording.seal import SealStep, main, seal
from kevents.store.store import Store
from tests.store.small_recorder import CLUSTER, NOW, document, is_tidy, open_journal, record, seen

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("KEVENTS_KILLS", "4"))

KILLED = """
import os, signal, sys
from pathlib import Path
from kevents.store.recording.seal import seal
from kevents.store.store import Store
from tests.store.small_recorder import CLUSTER, NOW

def on_step(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

seal(Store(Path(sys.argv[1])), CLUSTER, 3, NOW, on_step)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def recorded(store: Store) -> Journal:
    """A journal with four files, of which the first three are full. 10 of its 30 events are written twice."""
    journal = open_journal(store, Limits(bytes=1))
    for first in (0, 10, 10):
        record(journal, *range(first, first + 10))
    journal._limits = Limits()
    record(journal, *range(20, 30))
    return journal


EVENTS = list(range(30))


def test_sealing_shows_each_event_once_and_deletes_the_journal_files(store: Store) -> None:
    journal = recorded(store)
    assert seen(store) == EVENTS
    seal(store, CLUSTER, 3, NOW)
    assert list(journal_files(journal.directory)) == [4]
    assert seen(store) == EVENTS
    assert sum(file.rows for file in store.files()) == 20
    assert store.catalog().cluster(CLUSTER).checkpoints == {ALL: Checkpoint(19, NOW)}
    assert is_tidy(store)
    journal.close()


@pytest.mark.parametrize("step", SealStep)
def test_a_kill_at_each_step_loses_and_duplicates_nothing(store: Store, step: SealStep) -> None:
    journal = recorded(store)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(store.directory), step], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert seen(store) == EVENTS
    journal.close()
    again = open_journal(store)
    assert again.checkpoints == {ALL: Checkpoint(29, NOW)}
    record(again, 30)
    seal(store, CLUSTER, 4, NOW)
    assert seen(store) == [*EVENTS, 30]
    assert sum(file.rows for file in store.files()) == 30
    assert list(journal_files(again.directory)) == [5]
    assert is_tidy(store)
    again.close()


@pytest.mark.parametrize("name", ["fsync", "rename", "replace"])
@pytest.mark.parametrize("k", range(1, 7))
def test_the_kth_failure_of_the_disk_leaves_the_store_intact(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str, k: int
) -> None:
    journal = recorded(store)
    owner = os if name == "fsync" else Path
    real, calls = getattr(owner, name), 0

    def failing(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == k:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing)
        with suppress(StoreError, OSError):
            seal(store, CLUSTER, 3, NOW)
    assert seen(store) == EVENTS
    seal(store, CLUSTER, 3, NOW)
    assert seen(store) == EVENTS
    assert sum(file.rows for file in store.files()) == 20
    assert is_tidy(store)
    journal.close()


def test_the_cause_of_a_failure_is_one_line_and_a_later_attempt_succeeds(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = recorded(store)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    (store.directory / "catalog.json").write_text("{")
    assert main([str(store.directory), CLUSTER, "3"]) == StoreError.exit_status
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "catalog.json is damaged" in message
    (store.directory / "catalog.json").unlink()
    assert main([str(store.directory), CLUSTER, "3"]) == 0
    assert seen(store) == EVENTS
    journal.close()


def test_a_file_with_only_control_lines_is_sealed_without_a_segment(store: Store) -> None:
    journal = open_journal(store, Limits(bytes=1))
    journal.note(*control_lines.span(Span(ALL, State.WATCHED, NOW, NOW.replace(hour=13))))
    journal.note(*control_lines.counted(ALL, {"deletions": 2}))
    journal.sync()
    before = store.coverage()
    seal(store, CLUSTER, 1, NOW)
    assert store.files() == []
    assert store.coverage() == before == {CLUSTER: (Span(ALL, State.WATCHED, NOW, NOW.replace(hour=13)),)}
    assert store.catalog().cluster(CLUSTER).counts == {"deletions": 2}
    journal.close()


def test_unreadable_lines_are_counted_and_irregular_events_are_kept(store: Store) -> None:
    journal = open_journal(store, Limits(bytes=1))
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    irregular = document(2, metadata={"name": "odd", "labels": {"a": "b"}})
    journal.write([b'{"broken', document(1), deep, irregular, b'{"kind":"Event","apiVersion":"v1","message":"\xff"}'])
    journal.sync()
    assert seen(store) == [0, 1, 2]
    seal(store, CLUSTER, 1, NOW)
    assert seen(store) == [0, 1, 2]
    assert store.catalog().cluster(CLUSTER).counts == {"documents of the journal that cannot be read": 2}
    journal.close()


def test_kill_9_of_a_recorder_under_load_loses_no_synced_event(store: Store) -> None:
    moments = random.Random(3)
    acknowledged = written = 0
    for _ in range(KILLS):
        command = [sys.executable, "-m", "tests.store.small_recorder", str(store.directory), str(acknowledged)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as recorder:
            assert recorder.stdout
            recorder.stdout.readline()
            time.sleep(moments.uniform(0, 1.2))
            recorder.kill()
            printed = recorder.stdout.read().split()
        acknowledged = int(printed[-1]) if printed else acknowledged + 20
        numbers = seen(store)
        assert len(numbers) == len(set(numbers))
        assert set(numbers) >= set(range(acknowledged))
        written = max(written, *numbers) + 1
        assert numbers == list(range(written))
    last = Journal.open(
        store, CLUSTER, clock.now
    )  # does not wait for a sealer that outlived its recorder, but recovers
    last.close()
    for _ in range(100):
        if not journal_files(last.directory):
            break
        time.sleep(0.1)
    assert seen(store) == list(range(written))
    assert sum(file.rows for file in store.files()) == written
    assert is_tidy(store)


@pytest.mark.parametrize("step", [SealStep.PUBLISHED, SealStep.REMOVED, SealStep.DONE])
def test_no_checkpoint_is_missed_when_a_sealer_outlives_its_recorder(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: SealStep
) -> None:
    journal = open_journal(store)
    record(journal, 1, 2)
    journal.close()
    read = catalog.read
    pending = [seal_up_to(step)]

    def read_just_before(directory: Path) -> catalog.Catalog:
        current = read(directory)
        if pending:
            pending.pop()(store)
        return current

    monkeypatch.setattr("kevents.store.recording.journal.catalog.read", read_just_before)
    again = open_journal(store)
    assert again.checkpoints == {ALL: Checkpoint(2, NOW)}
    record(again, 3)
    assert seen(store) == [1, 2, 3]
    again.close()


def seal_up_to(last: SealStep) -> Callable[[Store], None]:
    def work(store: Store) -> None:
        def on_step(step: SealStep) -> None:
            if step == last:
                raise InterruptedError

        with suppress(InterruptedError):
            seal(store, CLUSTER, 1, NOW, on_step)

    return work


def test_a_reader_sees_each_event_once_during_sealing(store: Store) -> None:
    journal = open_journal(store, Limits(bytes=20_000))
    done = threading.Event()
    recorded_up_to = [0]

    def work() -> None:
        for first in range(0, 1200, 20):
            record(journal, *range(first, first + 20))
            recorded_up_to[0] = first + 20
            seal(store, CLUSTER, journal._newest_full, NOW)
        done.set()

    sealer = threading.Thread(target=work)
    sealer.start()
    reads = 0
    while not done.is_set():
        minimum = recorded_up_to[0]
        numbers = seen(store)
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= minimum
        reads += 1
    sealer.join()
    assert reads > 3
    assert seen(store) == list(range(1200))
    journal.close()


def test_an_import_during_recording_stores_no_event_twice(store: Store, tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    items = [json.loads(document(number)) for number in range(5, 35)]
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    journal = recorded(store)

    def import_dump() -> None:
        inputs = file_inputs([str(dump)], io.BytesIO())
        import_into(store, inputs, Options(CLUSTER, NOW), lambda _: None, lambda *_: None)

    threads = [threading.Thread(target=import_dump), threading.Thread(target=seal, args=(store, CLUSTER, 3, NOW))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen(store) == list(range(35))
    seal(store, CLUSTER, 4, NOW)
    assert seen(store) == list(range(35))
    assert sum(file.rows for file in store.files()) == 35
    (imported,) = store.coverage()[CLUSTER]
    assert imported.state is State.IMPORTED
    journal.close()
