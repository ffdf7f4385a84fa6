"""Compaction keeps the rows in fewer files, whatever readers, writers, failures and kills happen meanwhile."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kevents import duck
from kevents.errors import StoreError
from kevents.event.severity_table import builtin_ratings
from kevents.maintenance.prune import PruneOptions, prune
from kevents.maintenance.retention import RetentionRules
from kevents.store.integrity.verify import verify
from kevents.store.rewrite import merge
from kevents.store.rewrite.compact import CompactOptions, compact
from kevents.store.rewrite.exchange import Callbacks, RewriteStep
from kevents.store.segments.segment import COLUMNS, ORDER, ORDERS
from kevents.store.store import Store
from tests.store.failing_disk import CALLS, Disk, each_failure, small_disk
from tests.store.numbered_events import NOW, fill, merge_all, numbers

ROOT = Path(__file__).parents[3]
ROWS = list(range(1, 121))
COMPACTIONS = int(os.environ.get("KEVENTS_COMPACTIONS", "4"))
READERS = 8


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled") / "store"
    fill(Store(directory), (18, 19, 20))
    return directory


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Store:
    return Store(shutil.copytree(filled, tmp_path / "store"))


def on_disk(store: Store) -> set[Path]:
    return set((store.directory / "observations").rglob("*.parquet"))


def is_tidy(store: Store) -> bool:
    """Whether the store has exactly the files that the catalog lists, and no staged ones."""
    return on_disk(store) == {file.path for file in store.files()} and not (store.directory / "upkeep").exists()


def test_the_files_of_a_day_become_one_with_the_same_rows(store: Store) -> None:
    before = all_rows(store)
    result = compact(store, CompactOptions(by_hand=True), NOW)
    assert (len(result.before), len(result.after), result.damaged) == (12, 3, [])
    assert all_rows(store) == before
    assert len(before) == 120
    assert is_tidy(store)


def all_rows(store: Store) -> list[tuple[Any, ...]]:
    connection = duck.connect()
    paths = [str(file.path) for file in store.files()]
    columns = ", ".join(f"{name}::VARCHAR" for name in COLUMNS.split(", "))
    rows = connection.execute(f"SELECT cluster, day, {columns} FROM read_parquet($1) ORDER BY ALL", [paths]).fetchall()
    connection.close()
    return rows


def test_the_catalog_entries_of_new_files_are_correct(store: Store) -> None:
    before = store.files()
    merge_all(store)
    for file in store.files():
        old = [old_file for old_file in before if old_file.day == file.day]
        assert file.rows == sum(old_file.rows for old_file in old)
        assert file.min_last_seen == min(old_file.min_last_seen for old_file in old if old_file.min_last_seen)
        assert file.max_last_seen == max(old_file.max_last_seen for old_file in old if old_file.max_last_seen)
        assert file.bytes == file.path.stat().st_size
        assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()


def test_a_large_day_is_split_by_object_and_each_part_is_sorted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "_PART_ROWS", 10)
    merge_all(store)
    parts = [file for file in store.files() if file.day == NOW.date()]
    assert len(parts) > 2
    assert len({file.run for file in parts}) == 1
    objects = [{(row["namespace"], row["name"]) for row in pq.read_table(file.path).to_pylist()} for file in parts]
    assert sum(map(len, objects)) == len(set.union(*objects))
    connection = duck.connect()
    for file in parts:
        scan = f"SELECT {COLUMNS} FROM read_parquet('{file.path}', hive_partitioning = false)"
        assert file.order == ORDER
        as_stored = connection.execute(f"SELECT uid, name, count FROM ({scan})").fetchall()
        assert (
            as_stored
            == connection.execute(f"SELECT uid, name, count FROM ({scan} ORDER BY {ORDERS[ORDER]})").fetchall()
        )
    assert numbers(store.snapshot()) == ROWS
    merge_all(store)
    assert {file.path for file in store.files() if file.day == NOW.date()} == {file.path for file in parts}


def test_every_row_is_in_exactly_one_part_whatever_the_name_of_its_object() -> None:
    bounds = [("", "Pod", "a"), ("a", "", "x\x01"), ("a\x01b", "Pod", ""), ("a\x00", "Pod", "z")]
    connection = duck.connect()
    connection.execute(
        """
        CREATE TABLE r AS SELECT *
        FROM (VALUES (NULL), (''), ('a'), ('a' || chr(1) || 'b'), ('a' || chr(0)), ('b')) AS n(namespace),
            (VALUES (NULL), (''), ('Pod')) AS k(kind),
            (VALUES (NULL), ('x'), ('x' || chr(1)), ('z')) AS m(name)
        """
    )
    parts = merge._parts(sorted(bounds))
    rows = [connection.execute(f"SELECT count(*) FROM r WHERE {where}", values).fetchall() for where, values in parts]
    assert sum(count for ((count,),) in rows) == 72


@pytest.mark.parametrize("step", RewriteStep)
def test_a_kill_at_each_step_keeps_each_row_once_and_the_next_command_cleans_up(
    store: Store, step: RewriteStep
) -> None:
    command = [sys.executable, "-m", "tests.store.numbered_events", "compact", str(store.directory), step]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    assert numbers(store.snapshot()) == ROWS
    fill(store, [20], files=1)
    rows = list(range(1, 131))
    assert numbers(store.snapshot()) == rows
    assert {file.path for file in store.files()} == on_disk(store)
    merge_all(store)
    assert numbers(store.snapshot()) == rows
    assert is_tidy(store)
    assert verify(store).findings == []


def test_files_without_a_day_are_merged_and_never_pruned_by_age(store: Store) -> None:
    fill(store, [date(2999, 1, 1)], files=3)
    merge_all(store)
    (merged,) = [file for file in store.files() if file.day is None]
    assert merged.rows == 30
    assert numbers(store.snapshot()) == list(range(1, 151))
    prune(store, PruneOptions(RetentionRules(timedelta(days=1), max_size=1), builtin_ratings()), NOW)
    assert {file.day for file in store.files()} == {NOW.date(), None}
    assert verify(store).findings == []


@pytest.mark.parametrize("name", CALLS)
def test_every_kth_failure_of_the_disk_leaves_the_store_intact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fill(Store(tmp_path / "filled"), [20], files=2)
    rows = list(range(1, 21))

    def attempt(k: int, disk: Disk) -> None:
        store = Store(shutil.copytree(tmp_path / "filled", tmp_path / str(k)))
        with disk.failing(), suppress(StoreError, OSError):
            merge_all(store)
        assert numbers(store.snapshot()) == rows
        merge_all(store)
        assert numbers(store.snapshot()) == rows
        assert is_tidy(store)

    each_failure(monkeypatch, name, attempt)


def test_a_disk_that_becomes_full_at_any_point_leaves_the_store_intact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge.free_space, "check", lambda *_: None)
    with small_disk(tmp_path / "disk", "8m") as disk:
        store = Store(disk.directory / "store")
        fill(store, [20], files=3, events=200)
        rows = list(range(1, 601))
        shutil.copytree(store.directory, tmp_path / "filled")
        causes = set()
        for free in range(0, 60_000, 12_288):
            shutil.rmtree(store.directory)
            shutil.copytree(tmp_path / "filled", store.directory)
            disk.leave(free)
            try:
                merge_all(store)
            except StoreError as error:
                causes.add(str(error).partition(": ")[2])
            assert numbers(store.snapshot()) == rows
            disk.clear()
            merge_all(store)
            assert numbers(store.snapshot()) == rows
            assert is_tidy(store)
        assert causes == {"its disk is full (0 MB free)"}


def test_a_reader_can_read_the_old_files_and_they_are_deleted_afterwards(store: Store) -> None:
    snapshot = store.snapshot()
    merge_all(store)
    assert len(store.files()) == 3
    assert len(on_disk(store)) == 15
    assert numbers(snapshot) == ROWS
    del snapshot
    fill(store, [20], files=1)
    assert on_disk(store) == {file.path for file in store.files()}


def test_old_files_are_deleted_after_an_hour_even_if_there_are_readers(store: Store) -> None:
    snapshot = store.snapshot()
    merge_all(store)
    with store.writing(lambda _: None):
        store.delete_retired(NOW + timedelta(minutes=59))
        assert len(on_disk(store)) == 15
        store.delete_retired(NOW + timedelta(hours=1))
    assert is_tidy(store)
    assert len(snapshot.files) == 12


def test_readers_see_all_rows_during_compactions(store: Store) -> None:
    done = threading.Event()
    counts: list[int] = []
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while not done.is_set():
                snapshot = store.snapshot()
                visible = numbers(snapshot)
                assert visible == list(range(1, len(visible) + 1))
                counts.append(len(visible))
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for _ in range(COMPACTIONS):
        fill(store, [20], files=2, events=5)
        merge_all(store)
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(counts) >= READERS
    assert numbers(store.snapshot()) == list(range(1, 121 + COMPACTIONS * 10))


def test_a_writer_waits_only_during_the_exchange(store: Store) -> None:
    wrote: list[RewriteStep] = []

    def on_step(step: RewriteStep) -> None:
        if step in (RewriteStep.ALONE, RewriteStep.BUILT) and step not in wrote:
            wrote.append(step)
            fill(store, [20], files=1)

    merge_all(store, on_step)
    assert wrote == [RewriteStep.ALONE, RewriteStep.BUILT]
    assert numbers(store.snapshot()) == list(range(1, 141))
    assert is_tidy(store)


def test_a_damaged_file_is_skipped_and_the_others_are_merged(store: Store) -> None:
    damaged = store.files()[0]
    data = bytearray(damaged.path.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.path.write_bytes(data)
    result = compact(store, CompactOptions(by_hand=True), NOW)
    assert [damage.file for damage in result.damaged] == [damaged]
    assert damaged in store.files()
    assert len(store.files()) == 4


def test_a_file_that_is_removed_during_its_merge_stays_removed(store: Store) -> None:
    gone = store.files()[0]

    def on_step(step: RewriteStep) -> None:
        if step == RewriteStep.BUILT and gone in store.files():
            with store.writing(lambda _: None):
                store.exchange([gone], [], {}, NOW)

    compact(store, CompactOptions(by_hand=True), NOW, Callbacks(on_step=on_step))
    assert sum(file.rows for file in store.files()) == 120 - gone.rows
    assert len(store.files()) == 3


def test_only_the_selected_cluster_is_compacted(store: Store) -> None:
    fill(store, [20], cluster="test")
    compact(store, CompactOptions(("test",), by_hand=True), NOW)
    assert [file.cluster for file in store.files()].count("prod") == 12
    assert [file.cluster for file in store.files()].count("test") == 1
