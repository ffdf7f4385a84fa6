"""kevents store verify finds all damage; queries skip damaged files, or fail with --strict."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from kevents.query.damage_policy import CHECKED_BYTES, DamagePolicy
from kevents.store.paths import catalog_backup, catalog_of, observations
from kevents.store.store import Store
from tests.store.damaged_files import (
    EVENTS,
    EVENTS_PER_DAY,
    WAYS_TO_DAMAGE,
    first,
    flip,
    numbers,
    run_command,
    store_in,
)
from tests.store.small_recorder import document, open_journal

ALL = list(range(EVENTS))
OTHERS = [number for number in ALL if number % 10]
FOUND_BY_CHECKSUM = {"another file's content", "a page of zeros"}  # queries of a large store do not find these


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_in(tmp_path_factory.mktemp("intact"))


@pytest.fixture
def store(intact: Store, tmp_path: Path) -> Store:
    shutil.copytree(intact.directory, tmp_path / "store")
    return Store(tmp_path / "store")


def findings(store: Store, status: int = 4) -> list[dict[str, Any]]:
    screen = run_command(store, "store", "verify", "-o", "json")
    assert screen.status == status, screen.err
    return json.loads(screen.out)


def test_an_intact_store_has_no_findings(store: Store) -> None:
    screen = run_command(store, "store", "verify")
    assert (screen.status, screen.out) == (0, "")
    assert screen.err == "OK: 10 files, 60 observations.\n"


@pytest.mark.parametrize("checked_bytes", [CHECKED_BYTES, 0])
@pytest.mark.parametrize("kind", WAYS_TO_DAMAGE)
def test_a_damaged_file_is_found_skipped_with_a_warning_and_an_error_with_strict(
    store: Store, kind: str, checked_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DamagePolicy.__init__.__kwdefaults__, "checked_bytes", checked_bytes)
    file = first(store)
    WAYS_TO_DAMAGE[kind](file.path)
    (row,) = findings(store)
    path = file.path.relative_to(store.directory).as_posix()
    assert (row["file"], row["cluster"], row["observations"]) == (path, "prod", EVENTS_PER_DAY)
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-10T09:00:00Z", "2026-11-10T09:00:50Z")

    strict = run_command(store, "list", "--strict")
    assert (strict.status, strict.out) == (4, "")
    assert path in strict.err
    if checked_bytes or kind not in FOUND_BY_CHECKSUM:
        screen = run_command(store, "query", "SELECT count(*) AS n FROM observations", "-o", "csv")
        assert (screen.status, screen.out) == (0, f"n\n{len(OTHERS)}\n")
        assert path in screen.err
        excluded = "last seen 2026-11-10 09:00:00Z to 2026-11-10 09:00:50Z, are excluded from the results"
        assert f"6 observations of prod, {excluded}" in screen.err


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_is_found_and_fails_a_strict_query(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    file = dice.choice(store.files())
    flip(file.path, dice.randrange(8 * file.bytes))
    (row,) = findings(store)
    assert row["finding"] == "does not match its checksum"
    assert run_command(store, "list", "--strict").status == 4


def test_strict_checks_only_the_selected_clusters(store: Store, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_bytes(document(1) + b"\n")
    run_command(store, "import", str(tmp_path / "other.json"), "--cluster", "other")
    flip(first(store).path, 5000)
    assert run_command(store, "list", "--strict", "--cluster", "other").status == 0
    assert run_command(store, "list", "--strict").status == 4


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_of_the_catalog_is_found_and_fails_only_strict_queries(store: Store, seed: int) -> None:
    path = catalog_of(store.directory)
    flip(path, random.Random(seed).randrange(8 * path.stat().st_size))
    (row,) = findings(store)
    assert (row["file"], row["remedy"]) == ("catalog.json", "catalog")
    assert numbers(store) == ALL
    screen = run_command(store, "list", "--strict")
    assert (screen.status, screen.out) == (4, "")
    assert "kevents store repair" in screen.err


def test_a_truncated_catalog_is_damage(store: Store) -> None:
    path = catalog_of(store.directory)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert [finding["file"] for finding in findings(store)] == ["catalog.json"]


def test_a_missing_catalog_is_reported_and_no_writer_deletes_the_files(store: Store, tmp_path: Path) -> None:
    files = {file.path for file in store.files()}
    catalog_of(store.directory).unlink()
    assert numbers(store) == ALL
    for arguments in (("list", "--strict"), ("import", str(tmp_path / "dump.ndjson")), ("store", "verify")):
        (tmp_path / "dump.ndjson").write_bytes(document(1))
        assert run_command(store, *arguments).status == 4
    assert all(path.exists() for path in files)


def test_damage_of_the_catalog_backup_is_reported_as_harmless(store: Store) -> None:
    catalog_backup(store.directory).write_bytes(b"{}")
    (row,) = findings(store, status=0)
    assert (row["file"], row["remedy"]) == ("catalog.json.bak", "none")


def test_foreign_files_are_reported_and_never_touched(store: Store, tmp_path: Path) -> None:
    foreign = [observations(store.directory) / "notes.txt", first(store).path.with_name("mine.parquet")]
    for path in foreign:
        path.write_bytes(b"mine")
    (tmp_path / "dump.ndjson").write_bytes(document(EVENTS))
    assert run_command(store, "import", str(tmp_path / "dump.ndjson"), "--cluster", "prod").status == 0
    assert sorted(Path(finding["file"]).name for finding in findings(store, status=0)) == ["mine.parquet", "notes.txt"]
    assert all(path.read_bytes() == b"mine" for path in foreign)
    assert numbers(store) == [*ALL, EVENTS]


def test_a_file_of_a_killed_writer_is_reported_and_deleted_by_the_next_writer(store: Store, tmp_path: Path) -> None:
    left = first(store).path.with_name("0123456789abcdef.parquet")
    shutil.copyfile(first(store).path, left)
    (row,) = findings(store, status=0)
    assert row["finding"] == "is not in the catalog: a writer was killed, and the next one deletes this file"
    (tmp_path / "dump.ndjson").write_bytes(document(1))
    run_command(store, "import", str(tmp_path / "dump.ndjson"))
    assert not left.exists()


def change_entry(store: Store, change: dict[str, Any]) -> None:
    """Change the entry of the first file in a catalog without checksum, as older versions wrote it."""
    catalog = json.loads(catalog_of(store.directory).read_bytes())
    del catalog["crc32"]
    name = first(store).path.name
    next(entry for entry in catalog["files"] if entry["path"] == name).update(change)
    catalog_of(store.directory).write_text(json.dumps(catalog))


@pytest.mark.parametrize("change", [{"rows": 7}, {"max_last_seen": "2026-11-10T08:00:00+00:00"}])
def test_an_entry_that_differs_from_its_file_is_found_and_corrected(store: Store, change: Any) -> None:
    change_entry(store, change)
    assert [finding["remedy"] for finding in findings(store)] == ["entry"]
    assert run_command(store, "store", "repair").status == 0
    assert findings(store, status=0) == []
    assert numbers(store) == ALL


def test_rows_of_another_day_are_found(store: Store) -> None:
    moved, other = sorted(store.files(), key=lambda file: str(file.day))[:2]
    moved.path.rename(other.path.with_name(moved.path.name))
    change_entry(store, {"day": str(other.day), "order": 1})
    (row,) = findings(store)
    assert row["finding"] == "contains 6 observations of other days"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="this user can read every file")
def test_a_file_without_read_permission_is_not_moved(store: Store) -> None:
    path = first(store).path
    path.chmod(0)
    assert [finding["remedy"] for finding in findings(store)] == ["outside"]
    run_command(store, "store", "repair")
    path.chmod(0o600)
    assert numbers(store) == ALL


@pytest.mark.parametrize("seed", range(8))
def test_a_flipped_bit_of_a_journal_is_found_and_its_lines_are_not_shown(store: Store, seed: int) -> None:
    journal = open_journal(store)
    for number in range(100, 110):
        journal.write([document(number)])
        journal.sync()
    journal.close()
    (path,) = journal.directory.glob("*.ndjson")
    flip(path, random.Random(seed).randrange(8 * path.stat().st_size))
    (row,) = findings(store)
    assert (row["remedy"], row["cluster"]) == ("seal", "prod")
    visible = numbers(store)
    assert set(visible) <= {*ALL, *range(100, 110)}
    assert len(visible) >= EVENTS + 8
    messages = run_command(store, "query", "SELECT DISTINCT message FROM observations", "-o", "csv", "--no-headers").out
    assert set(messages.split("\n")) <= {f"Started container {n}" for n in range(110)} | {""}
