"""An export stands in its place as a whole or not at all, and never in the place of something that should stay."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kevents import duck
from kevents.errors import StoreError, UsageError
from kevents.export.target import Form, Target, publish, staging_directory
from kevents.store.store import Store
from tests.export.test_export import FORMS, export, fill, imported, numbered, rows
from tests.screen import Screen, run
from tests.store.damaged_files import WAYS_TO_DAMAGE
from tests.store.small_recorder import open_journal


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    fill(store, numbered(1, 2))
    return store


@pytest.mark.parametrize(
    ("named", "form", "meant"),
    [
        ("incident", None, Form.STORE),
        ("incident.v2/", None, Form.STORE),
        ("a.parquet", None, Form.PARQUET),
        ("a.PARQUET", None, Form.PARQUET),
        ("a.json", None, Form.JSON),
        ("a.ndjson", None, Form.JSONL),
        ("a.jsonl", None, Form.JSONL),
        ("a.out", "ndjson", Form.JSONL),
        ("a.parquet", "json", Form.JSON),
        ("-", None, Form.JSONL),
        ("-", "json", Form.JSON),
    ],
)
def test_the_ending_says_the_form_unless_format_does(named: str, form: str | None, meant: Form) -> None:
    assert Target.of(named, form).form is meant


@pytest.mark.parametrize(
    ("named", "form", "sentence"),
    [
        ("a.csv", None, "not to be seen from its ending"),
        ("a.json.gz", None, "not to be seen from its ending"),
        ("a", "parquett", 'there is no form of export "parquett"'),
        ("-", "store", "cannot go to standard output"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(named: str, form: str | None, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Target.of(named, form)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_there_is_replaced_only_by_force_and_then_as_a_whole(form: str, store: Store, tmp_path: Path) -> None:
    to, made = f"{tmp_path}/{form}", tmp_path / form.removesuffix("/")
    assert export(store.directory, to, "--name", "web-1").status == 0
    refused = export(store.directory, to)
    assert refused.status == 2
    assert "exists already" in refused.said
    assert "--force" in refused.said
    assert export(store.directory, to, "--force").status == 0
    assert imported(tmp_path / "copy", made) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"store", "copy", made.name}


def test_an_empty_directory_may_become_a_store(store: Store, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert export(store.directory, tmp_path / "here").status == 0
    assert rows(tmp_path / "here") == rows(store.directory)


def refused(ended: Screen, sentence: str) -> bool:
    return ended.status == 2 and sentence in ended.said


def test_force_deletes_nothing_but_exports(store: Store, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter").write_text("dear")
    assert refused(export(store.directory, home, "--force"), "is no export")
    recorded = Store(tmp_path / "recorded")
    fill(recorded, numbered(5))
    open_journal(recorded).close()
    assert refused(export(store.directory, recorded.directory, "--force"), "is no export")
    assert refused(export(store.directory, home, "--force", "--format", "json"), "is a directory")
    assert refused(export(store.directory, f"{home / 'letter'}/", "--force"), "is a file")
    assert (home / "letter").read_text() == "dear"


def test_the_store_is_never_its_own_export(store: Store, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(store.directory)
    for place in (store.directory, tmp_path, tmp_path / "link", store.directory / "observations" / "a.parquet"):
        assert refused(export(store.directory, place, "--force", "--format", "store"), "where the store itself is")


def test_a_directory_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    assert refused(export(store.directory, tmp_path / "no" / "a.json"), "there is no directory")


@pytest.mark.parametrize(
    "error", [duck.Error("IO Error: disk"), OSError(28, "No space left on device"), KeyboardInterrupt()]
)
def test_a_failure_leaves_nothing_behind_and_what_was_there_as_it_was(error: BaseException, tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    place.write_text("before")
    with pytest.raises((StoreError, KeyboardInterrupt)), staging_directory(place) as scratch:
        (scratch / "a.json").write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == [place]
    assert place.read_text() == "before"


def test_what_is_brought_replaces_a_directory_with_all_that_was_in_it(tmp_path: Path) -> None:
    place = tmp_path / "slice"
    (place / "observations").mkdir(parents=True)
    with staging_directory(place) as scratch:
        (scratch / "slice").mkdir()
        (scratch / "slice" / "catalog.json").write_text("{}")
        publish(scratch / "slice", place)
    assert [path.name for path in place.iterdir()] == ["catalog.json"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="only who is no root is refused by a directory")
def test_a_directory_that_takes_no_files_is_a_sentence(store: Store, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    ended = export(store.directory, tmp_path / "closed" / "a.json")
    assert ended.status == 4
    assert "cannot be written" in ended.said


@pytest.mark.parametrize("hurt", ["torn", "a page of zeros"])
def test_nobody_is_handed_what_is_damaged(hurt: str, store: Store, tmp_path: Path) -> None:
    first, second = sorted(file.path for file in store.files())
    WAYS_TO_DAMAGE[hurt](first)
    ended = export(store.directory, tmp_path / "slice.parquet")
    assert ended.status == 0
    assert "excluded from the results" in ended.said
    assert imported(tmp_path / "copy", tmp_path / "slice.parquet") == 1
    strict = export(store.directory, tmp_path / "strict.parquet", "--strict")
    assert strict.status == 4
    assert not (tmp_path / "strict.parquet").exists()
    assert second.exists()


def test_a_damaged_store_is_imported_but_for_what_is_damaged(store: Store, tmp_path: Path) -> None:
    WAYS_TO_DAMAGE["torn"](min(file.path for file in store.files()))
    ended = run("import", "--store", str(tmp_path / "copy"), str(store.directory))
    assert ended.status == 3
    assert "bytes" in ended.said
    assert len(rows(tmp_path / "copy")) == 1


def test_a_reader_that_goes_away_is_no_failure(store: Store) -> None:
    head = shutil.which("head")
    assert head
    command = [sys.executable, "-m", "kevents", "store", "export", "--store", str(store.directory), "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
    assert b"Traceback" not in said
