"""kevents store verify finds whatever is not what was written; questions go on without it, and --strict ones end."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from kevents.query.damage_policy import CHECKED_BYTES, DamagePolicy
from kevents.store.paths import catalog_before, catalog_of, observations
from kevents.store.store import Store
from tests.store.damaged_files import EVENTS, HURTS, OF_A_DAY, ask, first, flip, numbers, store_in
from tests.store.small_recorder import document, open_journal

ALL = list(range(EVENTS))
OTHERS = [number for number in ALL if number % 10]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_in(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def store(whole: Store, tmp_path: Path) -> Store:
    shutil.copytree(whole.directory, tmp_path / "store")
    return Store(tmp_path / "store")


def findings(store: Store, status: int = 4) -> list[dict[str, Any]]:
    asked = ask(store, "store", "verify", "-o", "json")
    assert asked.status == status, asked.said
    return json.loads(asked.shown)


def test_a_whole_store_has_no_finding_and_says_how_much_was_looked_at(store: Store) -> None:
    asked = ask(store, "store", "verify")
    assert (asked.status, asked.shown) == (0, "")
    assert asked.said == "All is whole: 10 files with 60 observations.\n"


@pytest.mark.parametrize("checked_bytes", [CHECKED_BYTES, 0])
@pytest.mark.parametrize("kind", HURTS)
def test_a_damaged_file_is_found_left_out_with_a_warning_and_an_error_under_strict(
    store: Store, kind: str, checked_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DamagePolicy.__init__.__kwdefaults__, "checked_bytes", checked_bytes)
    file = first(store)
    HURTS[kind](file.path)
    (found,) = findings(store)
    place = file.path.relative_to(store.directory).as_posix()
    assert (found["file"], found["cluster"], found["observations"]) == (place, "prod", OF_A_DAY)
    assert (found["first_seen"], found["last_seen"]) == ("2026-11-10T09:00:00Z", "2026-11-10T09:00:50Z")

    strict = ask(store, "list", "--strict")
    assert (strict.status, strict.shown) == (4, "")
    assert place in strict.said
    # in a large store, only verify finds these two
    if checked_bytes or kind not in {"another file's content", "a page of zeros"}:
        asked = ask(store, "query", "SELECT count(*) AS n FROM observations", "-o", "csv")
        assert (asked.status, asked.shown) == (0, f"n\n{len(OTHERS)}\n")
        assert place in asked.said
        span = "last seen 2026-11-10 09:00:00Z to 2026-11-10 09:00:50Z"
        assert f"6 observations of prod, {span}, are excluded from the results" in asked.said


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_is_found_and_no_strict_answer_comes_of_it(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    file = dice.choice(store.files())
    flip(file.path, dice.randrange(8 * file.bytes))
    (found,) = findings(store)
    assert found["finding"] == "is not what was written: its checksum differs"
    assert ask(store, "list", "--strict").status == 4


def test_strict_looks_at_the_clusters_that_are_asked_about(store: Store, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_bytes(document(1) + b"\n")
    ask(store, "import", str(tmp_path / "other.json"), "--cluster", "other")
    flip(first(store).path, 5000)
    assert ask(store, "list", "--strict", "--cluster", "other").status == 0
    assert ask(store, "list", "--strict").status == 4


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_of_the_catalog_is_found_and_stops_no_question_that_is_not_strict(
    store: Store, seed: int
) -> None:
    path = catalog_of(store.directory)
    flip(path, random.Random(seed).randrange(8 * path.stat().st_size))
    (found,) = findings(store)
    assert (found["file"], found["remedy"]) == ("catalog.json", "catalog")
    assert numbers(store) == ALL
    asked = ask(store, "list", "--strict")
    assert (asked.status, asked.shown) == (4, "")
    assert "kevents store repair" in asked.said


def test_half_a_catalog_is_damage(store: Store) -> None:
    path = catalog_of(store.directory)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert [one["file"] for one in findings(store)] == ["catalog.json"]


def test_a_missing_catalog_is_told_and_no_writer_takes_its_files_for_leftovers(store: Store, tmp_path: Path) -> None:
    files = {file.path for file in store.files()}
    catalog_of(store.directory).unlink()
    assert numbers(store) == ALL
    for arguments in (("list", "--strict"), ("import", str(tmp_path / "dump.ndjson")), ("store", "verify")):
        (tmp_path / "dump.ndjson").write_bytes(document(1))
        assert ask(store, *arguments).status == 4
    assert all(path.exists() for path in files)


def test_damage_of_the_copy_of_the_catalog_is_told_and_does_no_harm(store: Store) -> None:
    catalog_before(store.directory).write_bytes(b"{}")
    (found,) = findings(store, status=0)
    assert (found["file"], found["remedy"]) == ("catalog.json.bak", "none")


def test_foreign_files_are_named_and_never_touched(store: Store, tmp_path: Path) -> None:
    foreign = [observations(store.directory) / "notes.txt", first(store).path.with_name("mine.parquet")]
    for path in foreign:
        path.write_bytes(b"mine")
    (tmp_path / "dump.ndjson").write_bytes(document(EVENTS))
    assert ask(store, "import", str(tmp_path / "dump.ndjson"), "--cluster", "prod").status == 0
    assert sorted(Path(one["file"]).name for one in findings(store, status=0)) == ["mine.parquet", "notes.txt"]
    assert all(path.read_bytes() == b"mine" for path in foreign)
    assert numbers(store) == [*ALL, EVENTS]


def test_what_a_killed_writer_moved_is_named_and_goes_with_the_next(store: Store, tmp_path: Path) -> None:
    left = first(store).path.with_name("0123456789abcdef.parquet")
    shutil.copyfile(first(store).path, left)
    (found,) = findings(store, status=0)
    assert found["finding"] == "is in no catalog: a writer was killed, and the next one removes it"
    (tmp_path / "dump.ndjson").write_bytes(document(1))
    ask(store, "import", str(tmp_path / "dump.ndjson"))
    assert not left.exists()


def rewritten(store: Store, change: dict[str, Any]) -> None:
    """Let an older kevents, whose catalogs have no checksum, have said something else of the first file."""
    written = json.loads(catalog_of(store.directory).read_bytes())
    del written["crc32"]
    name = first(store).path.name
    next(entry for entry in written["files"] if entry["path"] == name).update(change)
    catalog_of(store.directory).write_text(json.dumps(written))


@pytest.mark.parametrize("change", [{"rows": 7}, {"max_last_seen": "2026-11-10T08:00:00+00:00"}])
def test_an_entry_that_says_something_else_than_the_file_is_found_and_corrected(store: Store, change: Any) -> None:
    rewritten(store, change)
    assert [one["remedy"] for one in findings(store)] == ["entry"]
    assert ask(store, "store", "repair").status == 0
    assert findings(store, status=0) == []
    assert numbers(store) == ALL


def test_rows_of_another_day_and_rows_out_of_order_are_found(store: Store) -> None:
    two = sorted(store.files(), key=lambda file: str(file.day))[:2]
    moved = two[0].path
    day = str(two[1].day)
    place = two[1].path.with_name(moved.name)
    moved.rename(place)
    rewritten(store, {"day": day, "order": 1})
    (found,) = findings(store)
    assert found["finding"] == "holds 6 observations of other days"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is unreadable to this user")
def test_what_may_not_be_read_is_left_where_it_is(store: Store) -> None:
    path = first(store).path
    path.chmod(0)
    assert [one["remedy"] for one in findings(store)] == ["outside"]
    ask(store, "store", "repair")
    path.chmod(0o600)
    assert numbers(store) == ALL


@pytest.mark.parametrize("seed", range(8))
def test_a_flipped_bit_of_a_journal_is_found_and_shown_to_nobody(store: Store, seed: int) -> None:
    journal = open_journal(store)
    for number in range(100, 110):
        journal.write([document(number)])
        journal.sync()
    journal.close()
    (path,) = journal.directory.glob("*.ndjson")
    flip(path, random.Random(seed).randrange(8 * path.stat().st_size))
    (found,) = findings(store)
    assert (found["remedy"], found["cluster"]) == ("seal", "prod")
    seen = numbers(store)
    assert set(seen) <= {*ALL, *range(100, 110)}
    assert len(seen) >= EVENTS + 8
    messages = ask(store, "query", "SELECT DISTINCT message FROM observations", "-o", "csv", "--no-headers").shown
    assert set(messages.split("\n")) <= {f"Started container {n}" for n in range(110)} | {""}
