"""Several who write to one store at once: each waits for the other with a word, no row is missing and none is twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from kevents.store.locate import lock_of
from kevents.store.store import Store
from tests.store.damaging import ask, numbers
from tests.store.recording import CLUSTER, document

ROOT = Path(__file__).parents[2]


def dump(folder: Path, events: range) -> Path:
    path = folder / f"{events.start}.ndjson"
    path.write_bytes(b"".join(document(number) + b"\n" for number in events))
    return path


def importing(path: Path, store: Store) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kevents.cli.main", "import", str(path)]
    command += ["--cluster", CLUSTER, "--store", str(store.folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def test_an_import_waits_for_who_writes_names_it_and_goes_on(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    with store.writing(lambda _: None):
        waits = importing(dump(tmp_path, range(5)), store)
        assert waits.stderr
        said = waits.stderr.readline()
        assert said == f"kevents: waiting for process {os.getpid()}, which is writing to this store\n"
        assert waits.poll() is None
    waits.communicate(timeout=60)
    assert waits.returncode == 0
    assert numbers(store) == list(range(5))


def test_imports_at_once_of_dumps_that_overlap_take_each_event_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    running = [importing(dump(tmp_path, range(first, first + 200)), store) for first in (0, 100)]
    told = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    pids = {str(process.pid) for process in running}
    assert set(re.findall(r"waiting for process (\d+)", "".join(told))) <= pids
    assert numbers(store, "--strict") == list(range(300))
    assert ask(store, "store", "verify").status == 0


def test_a_dump_is_imported_while_a_recorder_records_and_after_both_were_killed(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    command = [sys.executable, "-m", "tests.store.recording", str(store.folder), "1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as recorder:
        assert recorder.stdout
        durable = int(recorder.stdout.readline())
        imported = importing(dump(tmp_path, range(900, 1100)), store)  # some of which the recorder has as well
        imported.communicate(timeout=120)
        assert imported.returncode == 0
        killed = importing(dump(tmp_path, range(500)), store)
        while not lock_of(store.folder).with_name("lock.holder").exists() and killed.poll() is None:
            durable = int(recorder.stdout.readline())
        killed.kill()
        killed.communicate()
        recorder.kill()
        durable = max([durable, *map(int, recorder.stdout.read().split("\n")[:-1])])

    again = importing(dump(tmp_path, range(500)), store)
    _, said = again.communicate(timeout=120)
    assert again.returncode == 0
    assert f"process {killed.pid}" not in said  # it is dead, and its lock with it
    seen = numbers(store)
    assert len(seen) == len(set(seen))
    assert set(range(500)) | set(range(900, 1100)) | set(range(1100, durable)) <= set(seen)
