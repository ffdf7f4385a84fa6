"""An export is written completely or not at all, and never overwrites anything but an export."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kevents import duck
from kevents.errors import StoreError, UsageError
from kevents.export.target import ExportFormat, Target, publish, staging_directory
from kevents.store.store import Store
from tests.export.test_export import NAMES, export, fill, imported, numbered, rows
from tests.screen import Screen, run
from tests.store.damaged_files import WAYS_TO_DAMAGE
from tests.store.small_recorder import open_journal


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    fill(store, numbered(1, 2))
    return store


@pytest.mark.parametrize(
    ("output", "format_name", "expected"),
    [
        ("incident", None, ExportFormat.STORE),
        ("incident.v2/", None, ExportFormat.STORE),
        ("a.parquet", None, ExportFormat.PARQUET),
        ("a.PARQUET", None, ExportFormat.PARQUET),
        ("a.json", None, ExportFormat.JSON),
        ("a.ndjson", None, ExportFormat.JSONL),
        ("a.jsonl", None, ExportFormat.JSONL),
        ("a.out", "ndjson", ExportFormat.JSONL),
        ("a.parquet", "json", ExportFormat.JSON),
        ("-", None, ExportFormat.JSONL),
        ("-", "json", ExportFormat.JSON),
    ],
)
def test_the_extension_sets_the_format_unless_the_flag_does(
    output: str, format_name: str | None, expected: ExportFormat
) -> None:
    assert Target.of(output, format_name).format is expected


@pytest.mark.parametrize(
    ("output", "format_name", "message"),
    [
        ("a.csv", None, """can't tell the format from "a.csv"; use --format"""),
        ("a.json.gz", None, """can't tell the format from "a.json.gz"; use --format"""),
        ("a", "parquett", 'unknown export format "parquett"'),
        ("-", "store", "store can't be written to stdout"),
    ],
)
def test_an_unusable_target_is_a_usage_error(output: str, format_name: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Target.of(output, format_name)


@pytest.mark.parametrize("name", NAMES)
def test_an_existing_export_is_only_replaced_with_force(name: str, store: Store, tmp_path: Path) -> None:
    output, path = f"{tmp_path}/{name}", tmp_path / name.removesuffix("/")
    assert export(store.directory, output, "--name", "web-1").status == 0
    screen = export(store.directory, output)
    assert refused(screen, "already exists")
    assert "--force" in screen.err
    assert export(store.directory, output, "--force").status == 0
    assert imported(tmp_path / "copy", path) == 2
    assert {entry.name for entry in tmp_path.iterdir()} == {"store", "copy", path.name}


def test_an_empty_directory_can_become_a_store(store: Store, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert export(store.directory, tmp_path / "here").status == 0
    assert rows(tmp_path / "here") == rows(store.directory)


def refused(screen: Screen, message: str) -> bool:
    return screen.status == 2 and message in screen.err


def test_force_replaces_nothing_but_exports(store: Store, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "notes.txt").write_text("important")
    assert refused(export(store.directory, home, "--force"), "is not a kevents export")
    recorded = Store(tmp_path / "recorded")
    fill(recorded, numbered(5))
    open_journal(recorded).close()
    assert refused(export(store.directory, recorded.directory, "--force"), "is not a kevents export")
    assert refused(export(store.directory, home, "--force", "--format", "json"), "is a directory")
    assert refused(export(store.directory, f"{home / 'notes.txt'}/", "--force"), "is a file")
    assert (home / "notes.txt").read_text() == "important"


def test_the_store_cannot_be_the_target(store: Store, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(store.directory)
    for path in (store.directory, tmp_path, tmp_path / "link", store.directory / "observations" / "a.parquet"):
        screen = export(store.directory, path, "--force", "--format", "store")
        assert refused(screen, "is inside the store, or contains it")


def test_a_missing_directory_is_reported(store: Store, tmp_path: Path) -> None:
    assert refused(export(store.directory, tmp_path / "no" / "a.json"), f"no such directory: {tmp_path / 'no'}")


@pytest.mark.parametrize(
    "error", [duck.Error("IO Error: disk"), OSError(28, "No space left on device"), KeyboardInterrupt()]
)
def test_a_failure_leaves_no_files_and_the_earlier_export_unchanged(error: BaseException, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("before")
    with pytest.raises((StoreError, KeyboardInterrupt)), staging_directory(path) as staging:
        (staging / "a.json").write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "before"


def test_publishing_replaces_a_directory_with_all_its_files(tmp_path: Path) -> None:
    directory = tmp_path / "slice"
    (directory / "observations").mkdir(parents=True)
    with staging_directory(directory) as staging:
        (staging / "slice").mkdir()
        (staging / "slice" / "catalog.json").write_text("{}")
        publish(staging / "slice", directory)
    assert [path.name for path in directory.iterdir()] == ["catalog.json"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root can write to any directory")
def test_an_unwritable_directory_is_reported(store: Store, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    screen = export(store.directory, tmp_path / "closed" / "a.json")
    assert screen.status == 4
    assert "cannot write" in screen.err


@pytest.mark.parametrize("hurt", ["torn", "a page of zeros"])
def test_damaged_files_are_not_exported(hurt: str, store: Store, tmp_path: Path) -> None:
    first, second = sorted(file.path for file in store.files())
    WAYS_TO_DAMAGE[hurt](first)
    screen = export(store.directory, tmp_path / "slice.parquet")
    assert screen.status == 0
    assert first.name in screen.err
    assert imported(tmp_path / "copy", tmp_path / "slice.parquet") == 1
    strict = export(store.directory, tmp_path / "strict.parquet", "--strict")
    assert strict.status == 4
    assert not (tmp_path / "strict.parquet").exists()
    assert second.exists()


def test_of_a_damaged_store_the_undamaged_files_are_imported(store: Store, tmp_path: Path) -> None:
    WAYS_TO_DAMAGE["torn"](min(file.path for file in store.files()))
    screen = run("import", "--store", str(tmp_path / "copy"), str(store.directory))
    assert screen.status == 3
    assert "bytes" in screen.err
    assert len(rows(tmp_path / "copy")) == 1


def test_a_closed_pipe_is_not_a_failure(store: Store) -> None:
    command = [sys.executable, "-m", "kevents", "store", "export", "--store", str(store.directory), "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        stderr = process.stderr.read()
    assert b"Traceback" not in stderr
