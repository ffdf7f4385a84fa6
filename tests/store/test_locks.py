"""Several processes on one store: who waits, with which message, and that nobody waits for a killed process."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from kevents.errors import StoreError
from kevents.ingest.importer import Options, import_into
from kevents.source.input.paths import file_inputs
from kevents.store import lock
from kevents.store.journal.files import journal_directory
from kevents.store.rewrite.compact import CompactOptions, compact
from kevents.store.rewrite.exchange import Callbacks, RewriteStep
from kevents.store.store import Store
from tests.store.numbered_events import NOW, fill, merge_all
from tests.store.small_recorder import CLUSTER, document, open_journal, record, seen

ROOT = Path(__file__).parents[2]
HOLD_LOCK = """
import sys
from pathlib import Path
from kevents.store import lock
from kevents.store.store import Store
from tests.store.small_recorder import open_journal

store = Store(Path(sys.argv[1]))
held_lock = {
    "write": lambda: store.writing(print),
    "rewrite": lambda: lock.rewriting(store.directory, print),
    "record": lambda: open_journal(store),
}[sys.argv[2]]()
if sys.argv[2] != "record":
    held_lock.__enter__()
print("acquired", flush=True)
sys.stdin.readline()
"""


@contextmanager
def lock_holder(store: Store, lock_name: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a lock of the store until it reads a line."""
    command = [sys.executable, "-c", HOLD_LOCK, str(store.directory), lock_name]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "acquired\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    fill(store, [20], files=2)
    return store


def test_nobody_waits_for_a_killed_writer(store: Store) -> None:
    with lock_holder(store, "write") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (store.directory / "lock.holder").read_text() == f"{process.pid}\n"  # meaningless without the lock
    messages: list[str] = []
    with store.writing(messages.append):
        assert messages == []


def test_nobody_waits_for_a_killed_compaction(store: Store) -> None:
    with lock_holder(store, "rewrite") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    messages: list[str] = []
    with lock.rewriting(store.directory, messages.append):
        assert messages == []


def test_a_recorder_can_start_after_a_killed_one_but_not_next_to_a_running_one(store: Store) -> None:
    with lock_holder(store, "record") as process:
        with pytest.raises(StoreError, match=f"process {process.pid} is already recording cluster prod"):
            open_journal(store)
        assert lock.is_held(journal_directory(store.directory, CLUSTER) / "lock")
        process.send_signal(signal.SIGKILL)
        process.wait()
    journal = open_journal(store)
    record(journal, 1)
    journal.close()
    assert not lock.is_held(journal_directory(store.directory, CLUSTER) / "lock")


def test_an_import_reports_which_process_it_waits_for_and_then_continues(store: Store) -> None:
    messages: list[str] = []
    dump = io.BytesIO(document(7))
    with lock_holder(store, "write") as process:
        inputs = file_inputs(["-"], dump)
        import_into(
            store, inputs, Options(CLUSTER, NOW), lambda message: _end(process, messages, message), lambda *_: None
        )
    assert messages == [f"waiting for process {process.pid}, which is writing to this store"]
    assert sum(file.rows for file in store.files()) == 21


def test_a_compaction_reports_which_process_it_waits_for_and_then_continues(store: Store) -> None:
    messages: list[str] = []
    with lock_holder(store, "rewrite") as process:
        callbacks = Callbacks(lambda message: _end(process, messages, message))
        compact(store, CompactOptions(by_hand=True), NOW, callbacks)
    assert messages == [f"waiting for process {process.pid}, which is compacting or pruning this store"]
    assert len(store.files()) == 1


def test_a_compaction_with_new_files_reports_which_writer_it_waits_for(store: Store) -> None:
    messages: list[str] = []
    with ExitStack() as writers:
        process: list[subprocess.Popen[str]] = []

        def on_step(step: RewriteStep) -> None:
            if step == RewriteStep.BUILT:
                process.append(writers.enter_context(lock_holder(store, "write")))

        callbacks = Callbacks(lambda message: _end(process[0], messages, message), on_step=on_step)
        compact(store, CompactOptions(by_hand=True), NOW, callbacks)
    assert messages == [f"waiting for process {process[0].pid}, which is writing to this store"]
    assert len(store.files()) == 1


def _end(process: subprocess.Popen[str], messages: list[str], message: str) -> None:
    messages.append(message)
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_readers_and_recorders_never_wait(store: Store) -> None:
    with lock_holder(store, "write"), lock_holder(store, "rewrite"):
        start = time.monotonic()
        journal = open_journal(store, cluster="other")
        record(journal, 1)
        assert len(seen(store)) == 21
        journal.close()
        assert time.monotonic() - start < 30


def test_concurrent_imports_of_the_same_dump_store_each_event_once(store: Store, tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps({"kind": "List", "items": [json.loads(document(number)) for number in range(50)]}))
    command = [sys.executable, "-m", "kevents", "import", str(dump), "--store", str(store.directory)]
    imports = [subprocess.Popen([*command, "--cluster", "other"], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1] is not None and process.returncode for process in imports] == [0, 0]
    assert sum(file.rows for file in store.files() if file.cluster == "other") == 50
    merge_all(store)
    assert sum(file.rows for file in store.files()) == 20 + 50
