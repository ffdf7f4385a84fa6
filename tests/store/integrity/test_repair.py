"""kevents store repair sets aside what is broken, keeps the rest, says what was lost, and leaves a whole store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from kevents.store.coverage import State
from kevents.store.paths import catalog_before, catalog_of, quarantine
from kevents.store.store import Store
from tests.store.damaged_files import EVENTS, HURTS, OF_A_DAY, ask, first, flip, numbers, store_in, take
from tests.store.small_recorder import CLUSTER, NOW, document, open_journal, record

ALL = list(range(EVENTS))
OTHERS = [number for number in ALL if number % 10]
QUESTIONS = (
    ("list",),
    ("reasons",),
    ("counts",),
    ("images",),
    ("nodes",),
    ("overview",),
    ("rollouts",),
    ("patterns", "--min-events", "1"),
    ("histogram",),
    ("timeline", "--around", "2026-11-11T09:00Z"),
    ("correlate", "pod/web-1"),
    ("describe", "pod/web-1", "--offline"),
    ("describe", "pod/web-1", "--offline", "--family"),
    ("query", "SELECT count(*) FROM observations"),
    ("store", "info"),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_in(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def store(whole: Store, tmp_path: Path) -> Store:
    shutil.copytree(whole.directory, tmp_path / "store")
    return Store(tmp_path / "store")


def is_whole(store: Store) -> bool:
    return ask(store, "store", "verify").status == 0


def aside(store: Store) -> list[str]:
    """What is in quarantine, under the paths that it had."""
    return sorted(
        p.relative_to(quarantine(store.directory)).as_posix() for p in quarantine(store.directory).rglob("*.*")
    )


def test_there_is_nothing_to_repair_in_a_whole_store(store: Store) -> None:
    before = catalog_of(store.directory).read_bytes()
    asked = ask(store, "store", "repair")
    assert (asked.status, asked.said) == (0, "There is nothing to repair.\n")
    assert catalog_of(store.directory).read_bytes() == before


@pytest.mark.parametrize("kind", HURTS)
def test_a_broken_file_is_set_aside_and_what_was_lost_is_told_and_remembered(store: Store, kind: str) -> None:
    path = first(store).path
    HURTS[kind](path)
    broken = path.read_bytes() if path.exists() else None

    foreseen = ask(store, "store", "repair", "--dry-run", "--utc")
    assert "Nothing was changed: this was a dry run." in foreseen.said
    assert not is_whole(store)

    asked = ask(store, "store", "repair", "--utc")
    told = "6 observations in 1 file, last seen 2026-11-10 09:00:00Z to 2026-11-10 09:00:50Z."
    assert asked.status == 0
    assert f"Lost of {CLUSTER}: {told}" in asked.said
    assert f"Lost of {CLUSTER}: {told}" in foreseen.said
    place = path.relative_to(store.directory).as_posix()
    assert aside(store) == ([place.removesuffix(path.suffix) + path.suffix] if broken is not None else [])
    if broken is not None:
        assert (quarantine(store.directory) / place).read_bytes() == broken

    assert is_whole(store)
    assert numbers(store, "--strict") == OTHERS
    (lost,) = [span for span in store.coverage()[CLUSTER] if span.state is State.LOST]
    assert (lost.start.isoformat(), lost.end.isoformat()) == (
        "2026-11-10T09:00:00+00:00",
        "2026-11-10T09:00:50.000001+00:00",
    )
    asked = ask(store, "list", "--since", "2026-11-10T00:00Z", "--utc")
    assert "prod lost observations from 2026-11-10 09:00:00Z" in asked.said
    assert "6 were in a file that was damaged on disk" in asked.said


def test_importing_the_dump_again_brings_back_what_was_lost(store: Store, tmp_path: Path) -> None:
    flip(first(store).path, 5000)
    assert ask(store, "store", "repair").status == 0
    take(store, tmp_path / "dump.ndjson", range(EVENTS))
    assert numbers(store) == ALL
    assert is_whole(store)


@pytest.mark.parametrize("arguments", QUESTIONS, ids=" ".join)
def test_no_question_stops_for_a_damaged_file_and_each_names_it_once(store: Store, arguments: tuple[str, ...]) -> None:
    file = first(store)
    flip(file.path, 8 * file.bytes // 2)
    asked = ask(store, *arguments)
    assert asked.status == 0, asked.said
    assert asked.said.count(file.path.name) == 1
    assert (
        "6 observations of prod, last seen 2026-11-10 09:00:00Z to 2026-11-10 09:00:50Z, are excluded from the results"
        in asked.said
    )


def test_every_question_goes_on_without_the_catalog(store: Store) -> None:
    flip(catalog_of(store.directory), 5000)
    for arguments in (*QUESTIONS, ("coverage",), ("status",), ("doctor", "--kubeconfig", "none")):
        asked = ask(store, *arguments)
        assert asked.status == 0 or arguments[0] == "doctor", (arguments, asked.said)


@pytest.mark.parametrize("has_copy", [True, False])
def test_a_lost_catalog_is_made_anew_from_its_copy_and_the_files(store: Store, has_copy: bool) -> None:
    flip(catalog_of(store.directory), 5000)
    if not has_copy:
        catalog_before(store.directory).unlink()
    asked = ask(store, "store", "repair")
    assert asked.status == 0
    source = "the files and its copy" if has_copy else "the files alone"
    assert f"The catalog was made anew from {source}" in asked.said
    assert is_whole(store)
    assert numbers(store, "--strict") == ALL


def test_damaged_lines_of_a_journal_are_left_out_told_and_remembered(store: Store) -> None:
    journal = open_journal(store)
    for number in range(100, 104):
        journal.write([document(number)])
        span = {"scope": "*", "state": "watched", "start": _at(number), "end": _at(number + 1)}
        journal.note("covered", span)
        journal.sync()
    journal.close()
    (path,) = journal.directory.glob("*.ndjson")
    path.write_bytes(path.read_bytes().replace(b"container 102", b"container 103"))
    asked = ask(store, "list", "--strict")
    assert (asked.status, asked.shown) == (4, "")
    assert numbers(store) == [*ALL, 100, 101, 103]

    asked = ask(store, "store", "repair", "--utc")
    assert asked.status == 0
    assert "Lost of prod: 2 lines of its journal, of 2026-11-20 09:01:42Z to 2026-11-20 09:01:43Z." in asked.said
    assert is_whole(store)
    assert numbers(store, "--strict") == [*ALL, 100, 101, 103]
    (lost,) = [span for span in store.coverage()[CLUSTER] if span.state is State.LOST]
    assert (lost.start.isoformat(), lost.cause) == (_at(102), "2 lines of the journal were damaged on disk")
    assert aside(store) == ["journal/cluster=prod/00000001.ndjson"]


def _at(second: int) -> str:
    return datetime.fromtimestamp(NOW.timestamp() - 3 * 3600 + second, NOW.tzinfo).isoformat()


def _without_its_last_event(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: data.index(document(201))])


@pytest.mark.parametrize(
    ("hurt", "finding", "left"),
    [
        (Path.unlink, "is missing", [100, 102]),
        (lambda path: path.write_bytes(b""), "has {left} of {size} bytes", [100, 102]),
        (_without_its_last_event, "has {left} of {size} bytes", [100, 101, 102]),
    ],
)
def test_a_journal_file_that_is_gone_or_cut_is_found_by_the_next_one(
    store: Store, hurt: Callable[[Path], object], finding: str, left: list[int]
) -> None:
    for numbers_of_file in ((100,), (101, 201), (102,)):
        journal = open_journal(store)
        for number in numbers_of_file:
            record(journal, number)
        journal.close()
    assert is_whole(store)
    path = journal.directory / "00000002.ndjson"
    size = path.stat().st_size
    hurt(path)
    finding = finding.format(left=path.stat().st_size if path.exists() else None, size=f"{size:,}")
    (found,) = json.loads(ask(store, "store", "verify", "-o", "json").shown)
    assert (found["file"], found["finding"]) == ("journal/cluster=prod/00000002.ndjson", finding)
    asked = ask(store, "list")
    assert f"journal/cluster=prod/00000002.ndjson {finding}" in asked.said
    assert ask(store, "list", "--strict").status == 4
    assert numbers(store) == [*ALL, *left]
    assert ask(store, "store", "repair").status == 0
    assert is_whole(store)
    assert numbers(store, "--strict") == [*ALL, *left]


def test_a_line_that_a_kill_left_torn_is_named_and_no_damage(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 100)
    with next(journal.directory.glob("*.ndjson")).open("ab") as file:
        file.write(b'{"torn')
    assert ask(store, "store", "verify", "-o", "json").shown == "[]\n"  # it may be writing just now
    journal.close()
    (found,) = json.loads(ask(store, "store", "verify", "-o", "json").shown)
    assert found["remedy"] == "none"
    assert numbers(store, "--strict") == [*ALL, 100]


def test_repair_needs_no_more_than_one_file_to_be_set_aside(store: Store) -> None:
    """One damaged file costs one file: its cluster's other days and its own other files stay."""
    flip(first(store).path, 100)
    assert ask(store, "store", "repair").status == 0
    assert sum(file.rows for file in store.files()) == EVENTS - OF_A_DAY
