"""A store from somebody else cannot make kevents read, change or delete anything outside its directory."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kevents.store import catalog
from kevents.store.catalog import CatalogDamagedError
from kevents.store.store import Store
from tests.screen import Screen, run
from tests.store.small_recorder import NOW, document, open_journal, record

ROOT = Path(__file__).parents[2]
READERS = (
    ("overview",),
    ("reasons",),
    ("status",),
    ("store", "info"),
    ("store", "verify"),
    ("store", "export", "-o", "-"),
)
WRITERS = (
    ("import", "DUMP"),
    ("store", "compact"),
    ("store", "prune", "--older-than", "1d"),
    ("store", "repair"),
)
ALL = (*WRITERS, *READERS)
FEW = (("reasons",), ("status",), ("import", "DUMP"), ("store", "prune", "--older-than", "1d"))
OTHERS_ID = 12345

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled")
    dump = directory / "dump.json"
    dump.write_bytes(b"\n".join(document(number) for number in range(1, 30)))
    assert run("import", str(dump), "--store", str(directory / "store")).status == 0
    journal = open_journal(Store(directory / "store"))
    record(journal, 100)
    journal.sync()
    journal.close()  # its sealer does nothing, so the file stays
    return directory / "store"


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "store", symlinks=True))


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A directory of the reader with a file."""
    directory = tmp_path / "home"
    directory.mkdir()
    (directory / "thesis.txt").write_text("mine")
    return directory


def assert_unchanged(victim: Path) -> None:
    assert [path.name for path in victim.iterdir()] == ["thesis.txt"]
    assert (victim / "thesis.txt").read_text() == "mine"


def words_of(store: Path, command: tuple[str, ...]) -> list[str]:
    dump = store.parent / "more.json"
    dump.write_bytes(document(50))
    return [*(str(dump) if word == "DUMP" else word for word in command), "--store", str(store)]


def run_command(store: Path, command: tuple[str, ...]) -> Screen:
    screen = run(*words_of(store, command))
    assert screen.status != 1, screen.err  # a bug
    return screen


def run_process(store: Path, command: tuple[str, ...]) -> Screen:
    """Run a command in another process, so that one that hangs fails the test."""
    environment = {**os.environ, "KEVENTS_CONFIG_DIR": os.devnull}
    line = [sys.executable, "-m", "kevents", *words_of(store, command)]
    result = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in result.stderr
    return Screen(result.returncode, result.stdout, result.stderr)


def change_catalog(store: Path, change: Callable[[dict[str, Any]], None]) -> None:
    for path in (store / "catalog.json", store / "catalog.json.bak"):
        document = json.loads((store / "catalog.json").read_bytes())
        document.pop("crc32", None)
        change(document)
        path.write_text(json.dumps(document))


def replace_with_link(path: Path, target: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


@pytest.mark.parametrize("is_absolute", [True, False])
@pytest.mark.parametrize("key", ["retired", "files"])
def test_a_catalog_can_only_name_segments(store: Path, victim: Path, key: str, *, is_absolute: bool) -> None:
    name = str(victim / "thesis.txt") if is_absolute else os.path.relpath(victim / "thesis.txt", store)

    def add(document: dict[str, Any]) -> None:
        entry = {"path": name, "at": "2020-01-01T00:00:00+00:00"}
        document[key].append(entry if key == "retired" else {**document["files"][0], "path": name})

    change_catalog(store, add)
    with pytest.raises(CatalogDamagedError, match=r"catalog.json is damaged: '.*thesis.txt' is not the"):
        catalog.read(store)
    for command in ALL:
        run_command(store, command)
    assert_unchanged(victim)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("path", "../../../0123456789abcdef.parquet"),
        ("path", "0123456789abcdef.parquet\n"),
        ("path", ["0123456789abcdef.parquet"]),
        ("cluster", 7),
        ("cluster", "x" * 300),
        ("rows", "1"),
        ("bytes", -1),
        ("min_last_seen", "2026-11-20T00:00:00"),
        ("least", "no severity"),
    ],
)
def test_an_invalid_entry_is_damage(store: Path, key: str, value: object) -> None:
    change_catalog(store, lambda document: document["files"][0].update({key: value}))
    with pytest.raises(CatalogDamagedError):
        catalog.read(store)


@pytest.mark.parametrize("path", ["observations/x.parquet", "observations/cluster=a/../0123456789abcdef.parquet"])
def test_an_invalid_path_of_a_replaced_file_is_damage(store: Path, path: str) -> None:
    entry = {"path": path, "at": "2020-01-01T00:00:00+00:00"}
    change_catalog(store, lambda document: document["retired"].append(entry))
    with pytest.raises(CatalogDamagedError):
        catalog.read(store)


def test_a_file_that_is_listed_twice_is_damage_and_counted_once(store: Path) -> None:
    before = run("query", "SELECT count(*) AS n FROM observations", "--store", str(store), "-o", "csv").out
    intact = (store / "catalog.json").read_bytes()
    change_catalog(store, lambda document: document["files"].append(document["files"][0]))
    (store / "catalog.json.bak").write_bytes(intact)
    shown = run("query", "SELECT count(*) AS n FROM observations", "--store", str(store), "-o", "csv")
    assert shown.out == before
    assert "is listed twice" in shown.err
    assert "is listed twice" in (verified := run("store", "verify", "--store", str(store))).out + verified.err


DIRECTORIES = ["staging", "upkeep", "quarantine", "observations", "journal", "journal/cluster=prod"]
DIRECTORIES += ["observations/cluster=default", "observations/cluster=default/day=2026-11-12", "journal/cluster=new"]


@pytest.mark.parametrize("name", DIRECTORIES)
def test_a_directory_that_is_a_link_is_refused(store: Path, victim: Path, name: str) -> None:
    replace_with_link(store / name, victim)
    for command in ALL if name in ("staging", "lock", "lock.holder") else FEW:
        screen = run_command(store, command)
        assert (screen.status, "is a symbolic link" in screen.err) == (4, True), command
    assert_unchanged(victim)
    received = run("import", str(store), "--store", str(store.parent / "own"))
    assert (received.status, "is a symbolic link" in received.err) == (3, True)


@pytest.mark.parametrize("name", ["catalog.json", "catalog.json.bak", "lock", "upkeep.lock", "readers"])
def test_a_file_of_the_store_that_is_a_link_is_refused(store: Path, victim: Path, name: str) -> None:
    replace_with_link(store / name, victim / "thesis.txt")
    for command in ALL if name in ("staging", "lock", "lock.holder") else FEW:
        assert run_command(store, command).status == 4, command
    assert_unchanged(victim)


@pytest.mark.parametrize(
    "name", ["catalog.json.new", "catalog.json.bak.new", "lock.holder", "lock.holder.new", "upkeep.lock.holder"]
)
def test_a_link_in_place_of_a_temporary_file_is_replaced(store: Path, victim: Path, name: str) -> None:
    for target in (victim / "thesis.txt", victim / "new"):
        replace_with_link(store / name, target)
        for command in ALL if name in ("staging", "lock", "lock.holder") else FEW:
            assert run_command(store, command).status == 0, command
    assert_unchanged(victim)


@pytest.mark.parametrize("name", ["recorder.json", "recorder.json.new", "lock.holder", "00000009.ndjson"])
def test_a_recorder_does_not_follow_links_in_its_journal(store: Path, victim: Path, name: str) -> None:
    replace_with_link(store / "journal" / "cluster=prod" / name, victim / "thesis.txt")
    journal = open_journal(Store(store))
    record(journal, 200)
    journal.close()
    run_command(store, ("status",))
    assert_unchanged(victim)


def test_a_link_in_quarantine_is_not_followed(store: Path, victim: Path) -> None:
    (store / "quarantine").mkdir()
    (store / "quarantine" / "observations").symlink_to(victim)
    segment = next((store / "observations").rglob("*.parquet"))
    segment.write_bytes(b"damaged")
    screen = run_command(store, ("store", "repair"))
    assert (screen.status, "is a symbolic link" in screen.err) == (4, True)
    assert_unchanged(victim)


def test_the_store_directory_itself_can_be_a_link(store: Path) -> None:
    (store.parent / "link").symlink_to(store)
    for command in ALL:
        assert run_command(store.parent / "link", command).status == 0, command


@pytest.mark.parametrize("name", ["", "staging", "observations", "journal/cluster=prod"])
def test_a_store_that_others_can_write_is_only_read(store: Path, name: str) -> None:
    (store / name).chmod(0o777)
    for command in READERS:
        assert run_command(store, command).status == 0, command
    for command in WRITERS:
        screen = run_command(store, command)
        assert (screen.status, "other users can write to" in screen.err) == (4, True), command


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root")
def test_a_store_of_another_user_is_only_read(store: Path) -> None:
    os.chown(store, OTHERS_ID, OTHERS_ID)
    for command in READERS:
        assert run_command(store, command).status == 0, command
    for command in WRITERS:
        screen = run_command(store, command)
        assert (screen.status, "belongs to another user" in screen.err) == (4, True), command


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    directory = os.open(path.parent, os.O_RDONLY)  # the path of a socket is limited to 100 characters
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{directory}/{path.name}")
    os.close(directory)


def make_directory(path: Path) -> None:
    path.mkdir()


def make_link(path: Path) -> None:
    path.symlink_to("/dev/zero")


KINDS = {
    "a named pipe": make_pipe,
    "a socket": make_socket,
    "a directory": make_directory,
    "a symbolic link": make_link,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ["journal", "segment", "catalog"])
def test_anything_but_a_regular_file_is_named_as_damage(store: Path, kind: str, what: str) -> None:
    if kind == "a socket" and not Path("/proc/self/fd").is_dir():
        pytest.skip("needs /proc")
    segment = next((store / "observations").rglob("*.parquet"))
    paths = {"journal": store / "journal/cluster=prod/00000077.ndjson", "segment": segment}
    path = paths.get(what, store / "catalog.json")
    path.unlink(missing_ok=True)
    KINDS[kind](path)
    if what == "catalog" and kind == "a symbolic link":
        return  # refused, see above
    shown = run_process(store, ("reasons",))
    assert (shown.status, f"is {kind}" in shown.err) == (0, True)
    verified = run_process(store, ("store", "verify"))
    assert verified.status == 4
    assert kind in verified.out + verified.err
    for command in (("import", "DUMP"), ("store", "compact")) if what != "catalog" else ():
        assert run_process(store, command).status in (0, 4), command
    assert run_process(store, ("store", "repair")).status in (0, 4)
    assert run_process(store, ("store", "verify")).status == 0


def test_a_pipe_in_a_large_store_does_not_block_a_query(store: Path) -> None:
    from kevents.query.damage_policy import DamagePolicy

    segment = next((store / "observations").rglob("*.parquet"))
    segment.unlink()
    os.mkfifo(segment)
    warnings: list[str] = []
    files = Store(store).files()
    intact = DamagePolicy(warnings.append, checked_bytes=0).intact(files, lambda _: True)
    assert len(intact) == len(files) - 1
    assert "is a named pipe" in warnings[0]


def test_a_recorder_moves_a_pipe_in_its_journal_to_quarantine(store: Path) -> None:
    os.mkfifo(store / "journal/cluster=prod/00000077.ndjson")
    journal = open_journal(Store(store))
    record(journal, 200)
    journal.close()
    assert (store / "quarantine/journal/cluster=prod/00000077.ndjson").exists()
    assert Store(store).snapshot().newest(NOW) is not None
