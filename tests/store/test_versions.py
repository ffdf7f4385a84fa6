"""Stores of older versions of kevents can be read and written; stores of newer versions are refused and unchanged.

older/format-1, -2 and -3 are stores in these formats with the events of older/dump.ndjson: imported, or recorded with
the second half in a journal.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from kevents import duck
from kevents.event.schema import STORED
from kevents.store import catalog
from kevents.store.catalog import FORMAT
from kevents.store.coverage import State
from kevents.store.paths import catalog_of
from kevents.store.rewrite.compact import CompactOptions, compact
from kevents.store.segments.segment import literal
from kevents.store.store import Store
from tests.store.damaged_files import numbers, run_command
from tests.store.small_recorder import CLUSTER, NOW, document, open_journal

OLDER = Path(__file__).parent / "older"
ALL = list(range(6))


@pytest.fixture(params=range(1, FORMAT + 1))
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    shutil.copytree(OLDER / f"format-{request.param}", tmp_path / "store")
    return Store(tmp_path / "store")


def test_a_store_of_every_format_can_be_read(older: Store) -> None:
    assert numbers(older, "--strict") == ALL
    listed = json.loads(run_command(older, "list", "-o", "json").out)["items"]
    assert sorted(item["message"] for item in listed) == [f"Started container {n}" for n in ALL]
    assert run_command(older, "store", "verify").status == 0


def test_a_store_of_every_format_can_be_written_and_has_the_current_format_then(older: Store, tmp_path: Path) -> None:
    (tmp_path / "more.ndjson").write_bytes(document(60))
    for dump in (OLDER / "dump.ndjson", tmp_path / "more.ndjson"):
        assert run_command(older, "import", str(dump), "--cluster", CLUSTER).status == 0
    compact(older, CompactOptions(by_hand=True), NOW)
    assert json.loads(catalog_of(older.directory).read_bytes())["format"] == FORMAT
    assert numbers(older, "--strict") == [*ALL, 60]
    assert run_command(older, "store", "verify").status == 0


def test_a_recorder_resumes_where_an_older_version_stopped(older: Store) -> None:
    was_recorded = older.coverage().get(CLUSTER, ()) != ()
    journal = open_journal(older)
    assert {checkpoint.resource_version for checkpoint in journal.checkpoints.values()} == (
        {5} if was_recorded else set()
    )
    journal.close()
    assert numbers(older) == ALL
    if was_recorded:
        (watched,) = older.coverage()[CLUSTER]
        assert (watched.state, watched.start, watched.end) == (
            State.WATCHED,
            NOW - timedelta(hours=3),
            NOW.replace(hour=11),
        )


def test_a_store_of_every_format_can_be_repaired(older: Store) -> None:
    catalog_of(older.directory).write_bytes(b"{")
    assert run_command(older, "store", "repair").status == 0
    assert numbers(older, "--strict") == ALL
    assert run_command(older, "store", "verify").status == 0


@pytest.mark.parametrize("arguments", [("list",), ("store", "verify"), ("store", "repair"), ("import", "DUMP")])
def test_a_newer_store_is_refused_with_a_hint_and_unchanged(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    shutil.copytree(OLDER / "format-3", tmp_path / "store")
    store = Store(tmp_path / "store")
    path = catalog_of(store.directory)
    path.write_text(json.dumps({"format": FORMAT + 1, "files": {"in": "another form"}}))
    before = {file: file.read_bytes() for file in store.directory.rglob("*") if file.is_file()}
    screen = run_command(store, *(str(OLDER / "dump.ndjson") if word == "DUMP" else word for word in arguments))
    assert screen.status == 4
    assert f"was written by a newer kevents (format {FORMAT + 1}; this version supports {FORMAT})" in screen.err
    assert "Upgrade kevents." in screen.err
    after = {file: file.read_bytes() for file in store.directory.rglob("*") if file.is_file() and file.stat().st_size}
    assert after == {file: data for file, data in before.items() if data}


@pytest.fixture
def with_fewer_columns(tmp_path: Path) -> Store:
    """A store whose files do not have a column, as if it was added in a later version."""
    shutil.copytree(OLDER / "format-3", tmp_path / "store")
    store = Store(tmp_path / "store")
    document = json.loads(catalog_of(store.directory).read_bytes())
    del document["crc32"]
    connection = duck.connect()
    kept = ", ".join(f'"{field.name}"' for field in STORED if field.name != "related")
    for file, entry in zip(store.files(), document["files"], strict=True):
        rewritten = tmp_path / "rewritten.parquet"
        connection.execute(f"COPY (SELECT {kept} FROM {literal(file.path)}) TO {literal(rewritten)} (FORMAT parquet)")
        data = rewritten.replace(file.path).read_bytes()
        entry.update(schema=0, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    connection.close()
    catalog_of(store.directory).write_text(json.dumps(document))
    return store


def test_files_with_fewer_columns_are_read_and_missing_columns_are_null(with_fewer_columns: Store) -> None:
    assert numbers(with_fewer_columns, "--strict") == ALL
    screen = run_command(with_fewer_columns, "query", "SELECT count(related) AS n FROM observations", "-o", "csv")
    assert screen.out == "n\n0\n"
    assert run_command(with_fewer_columns, "store", "verify").status == 0


def test_files_with_fewer_columns_can_be_deduplicated_merged_and_repaired(with_fewer_columns: Store) -> None:
    imported = run_command(with_fewer_columns, "import", str(OLDER / "dump.ndjson"), "--cluster", CLUSTER)
    assert imported.status == 0, imported.err
    open_journal(with_fewer_columns).close()
    compact(with_fewer_columns, CompactOptions(by_hand=True), NOW)
    assert numbers(with_fewer_columns, "--strict") == ALL
    assert run_command(with_fewer_columns, "store", "verify").status == 0
    catalog.catalog_backup(with_fewer_columns.directory).unlink(missing_ok=True)
    catalog_of(with_fewer_columns.directory).unlink()
    assert run_command(with_fewer_columns, "store", "repair").status == 0
    assert numbers(with_fewer_columns, "--strict") == ALL
