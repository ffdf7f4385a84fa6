"""Processes that want the same store: who waits, what it says, and that nobody waits for the dead."""

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
from kevents.store.rewrite.exchange import Callbacks, Step
from kevents.store.store import Store
from tests.store.numbered_events import NOW, fill, merge_all
from tests.store.small_recorder import CLUSTER, document, open_journal, record, seen

ROOT = Path(__file__).parents[2]
HOLDING = """
import sys
from pathlib import Path
from kevents.store import lock
from kevents.store.store import Store
from tests.store.small_recorder import open_journal

store = Store(Path(sys.argv[1]))
held = {
    "write": lambda: store.writing(print),
    "rewrite": lambda: lock.rewriting(store.directory, print),
    "record": lambda: open_journal(store),
}[sys.argv[2]]()
if sys.argv[2] != "record":
    held.__enter__()
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def held(store: Store, how: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a lock of the store until it hears something."""
    command = [sys.executable, "-c", HOLDING, str(store.directory), how]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    fill(store, [20], files=2)
    return store


def test_nobody_waits_for_a_writer_that_was_killed(store: Store) -> None:
    with held(store, "write") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (store.directory / "lock.holder").read_text() == f"{process.pid}\n"  # which means nothing without the lock
    waited: list[str] = []
    with store.writing(waited.append):
        assert waited == []


def test_nobody_waits_for_an_upkeep_that_was_killed(store: Store) -> None:
    with held(store, "rewrite") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    waited: list[str] = []
    with lock.rewriting(store.directory, waited.append):
        assert waited == []


def test_a_recorder_follows_one_that_was_killed_and_none_that_lives(store: Store) -> None:
    with held(store, "record") as process:
        with pytest.raises(StoreError, match=f"process {process.pid} is recording the cluster prod"):
            open_journal(store)
        assert lock.is_held(journal_directory(store.directory, CLUSTER) / "lock")
        process.send_signal(signal.SIGKILL)
        process.wait()
    journal = open_journal(store)
    record(journal, 1)
    journal.close()
    assert not lock.is_held(journal_directory(store.directory, CLUSTER) / "lock")


def test_an_import_says_for_whom_it_waits_and_then_goes_on(store: Store) -> None:
    said: list[str] = []
    dump = io.BytesIO(document(7))
    with held(store, "write") as process:
        inputs = file_inputs(["-"], dump)
        import_into(
            store, inputs, Options(CLUSTER, NOW), lambda sentence: _end(process, said, sentence), lambda *_: None
        )
    assert said == [f"waiting for process {process.pid}, which is writing to this store"]
    assert sum(file.rows for file in store.files()) == 21


def test_a_compaction_says_for_whom_it_waits_and_then_goes_on(store: Store) -> None:
    said: list[str] = []
    with held(store, "rewrite") as process:
        told = Callbacks(lambda sentence: _end(process, said, sentence))
        compact(store, CompactOptions(by_hand=True), NOW, told)
    assert said == [f"waiting for process {process.pid}, which is compacting or pruning this store"]
    assert len(store.files()) == 1


def test_a_compaction_that_has_built_its_files_says_for_which_writer_it_waits(store: Store) -> None:
    said: list[str] = []
    with ExitStack() as writers:
        process: list[subprocess.Popen[str]] = []

        def reached(step: Step) -> None:
            if step == Step.BUILT:
                process.append(writers.enter_context(held(store, "write")))

        told = Callbacks(lambda sentence: _end(process[0], said, sentence), reached=reached)
        compact(store, CompactOptions(by_hand=True), NOW, told)
    assert said == [f"waiting for process {process[0].pid}, which is writing to this store"]
    assert len(store.files()) == 1


def _end(process: subprocess.Popen[str], said: list[str], sentence: str) -> None:
    said.append(sentence)
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_readers_and_recorders_wait_for_nobody(store: Store) -> None:
    with held(store, "write"), held(store, "rewrite"):
        began = time.monotonic()
        journal = open_journal(store, cluster="other")
        record(journal, 1)
        assert len(seen(store)) == 21
        journal.close()
        assert time.monotonic() - began < 30


def test_imports_of_the_same_dump_at_once_take_each_event_once(store: Store, tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps({"kind": "List", "items": [json.loads(document(number)) for number in range(50)]}))
    command = [sys.executable, "-m", "kevents", "import", str(dump), "--store", str(store.directory)]
    imports = [subprocess.Popen([*command, "--cluster", "other"], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1] is not None and process.returncode for process in imports] == [0, 0]
    assert sum(file.rows for file in store.files() if file.cluster == "other") == 50
    merge_all(store)
    assert sum(file.rows for file in store.files()) == 20 + 50
