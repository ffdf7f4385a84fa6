"""kevents store repair quarantines damaged files, keeps the rest, and reports what was lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from kevents.store.coverage import State
from kevents.store.paths import catalog_backup, catalog_of, quarantine
from kevents.store.store import Store
from tests.store.damaged_files import (
    EVENTS,
    EVENTS_PER_DAY,
    WAYS_TO_DAMAGE,
    first,
    flip,
    import_events,
    numbers,
    run_command,
    store_in,
)
from tests.store.small_recorder import CLUSTER, NOW, document, open_journal, record

ALL = list(range(EVENTS))
OTHERS = [number for number in ALL if number % 10]
COMMANDS = (
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
def intact(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_in(tmp_path_factory.mktemp("intact"))


@pytest.fixture
def store(intact: Store, tmp_path: Path) -> Store:
    shutil.copytree(intact.directory, tmp_path / "store")
    return Store(tmp_path / "store")


def is_intact(store: Store) -> bool:
    return run_command(store, "store", "verify").status == 0


def quarantined(store: Store) -> list[str]:
    """The files in quarantine, as paths in the store."""
    return sorted(
        path.relative_to(quarantine(store.directory)).as_posix() for path in quarantine(store.directory).rglob("*.*")
    )


def test_there_is_nothing_to_repair_in_an_intact_store(store: Store) -> None:
    before = catalog_of(store.directory).read_bytes()
    screen = run_command(store, "store", "repair")
    assert (screen.status, screen.err) == (0, "Nothing to repair.\n")
    assert catalog_of(store.directory).read_bytes() == before


@pytest.mark.parametrize("kind", WAYS_TO_DAMAGE)
def test_a_damaged_file_is_quarantined_and_the_loss_is_reported_and_recorded(store: Store, kind: str) -> None:
    path = first(store).path
    WAYS_TO_DAMAGE[kind](path)
    damaged = path.read_bytes() if path.exists() else None

    dry_run = run_command(store, "store", "repair", "--dry-run", "--utc")
    assert "Dry run: nothing was changed." in dry_run.err
    assert not is_intact(store)

    screen = run_command(store, "store", "repair", "--utc")
    loss = "6 observations in 1 file, last seen 2026-11-10 09:00:00Z to 2026-11-10 09:00:50Z."
    assert screen.status == 0
    assert f"Lost from cluster {CLUSTER}: {loss}" in screen.err
    assert f"Lost from cluster {CLUSTER}: {loss}" in dry_run.err
    relative = path.relative_to(store.directory).as_posix()
    assert quarantined(store) == ([relative] if damaged is not None else [])
    if damaged is not None:
        assert (quarantine(store.directory) / relative).read_bytes() == damaged

    assert is_intact(store)
    assert numbers(store, "--strict") == OTHERS
    (lost,) = [span for span in store.coverage()[CLUSTER] if span.state is State.LOST]
    assert (lost.start.isoformat(), lost.end.isoformat()) == (
        "2026-11-10T09:00:00+00:00",
        "2026-11-10T09:00:50.000001+00:00",
    )
    screen = run_command(store, "list", "--since", "2026-11-10T00:00Z", "--utc")
    assert "prod lost observations from 2026-11-10 09:00:00Z" in screen.err
    assert "6 were in a file that was damaged on disk" in screen.err


def test_importing_the_dump_again_restores_what_was_lost(store: Store, tmp_path: Path) -> None:
    flip(first(store).path, 5000)
    assert run_command(store, "store", "repair").status == 0
    import_events(store, tmp_path / "dump.ndjson", range(EVENTS))
    assert numbers(store) == ALL
    assert is_intact(store)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_query_skips_a_damaged_file_and_names_it_once(store: Store, arguments: tuple[str, ...]) -> None:
    file = first(store)
    flip(file.path, 8 * file.bytes // 2)
    screen = run_command(store, *arguments)
    assert screen.status == 0, screen.err
    assert screen.err.count(file.path.name) == 1
    assert (
        "6 observations of prod, last seen 2026-11-10 09:00:00Z to 2026-11-10 09:00:50Z, are excluded from the results"
        in screen.err
    )


def test_every_query_works_without_the_catalog(store: Store) -> None:
    flip(catalog_of(store.directory), 5000)
    for arguments in (*COMMANDS, ("coverage",), ("status",), ("doctor", "--kubeconfig", "none")):
        screen = run_command(store, *arguments)
        assert screen.status == 0 or arguments[0] == "doctor", (arguments, screen.err)


@pytest.mark.parametrize("has_backup", [True, False])
def test_a_lost_catalog_is_rebuilt_from_its_backup_and_the_files(store: Store, has_backup: bool) -> None:
    flip(catalog_of(store.directory), 5000)
    if not has_backup:
        catalog_backup(store.directory).unlink()
    screen = run_command(store, "store", "repair")
    assert screen.status == 0
    source = "the files and its copy" if has_backup else "the files alone"
    assert f"The catalog was rebuilt from {source}" in screen.err
    assert is_intact(store)
    assert numbers(store, "--strict") == ALL


def test_damaged_lines_of_a_journal_are_skipped_reported_and_recorded(store: Store) -> None:
    journal = open_journal(store)
    for number in range(100, 104):
        journal.write([document(number)])
        span = {"scope": "*", "state": "watched", "start": _at(number), "end": _at(number + 1)}
        journal.note("covered", span)
        journal.sync()
    journal.close()
    (path,) = journal.directory.glob("*.ndjson")
    path.write_bytes(path.read_bytes().replace(b"container 102", b"container 103"))
    screen = run_command(store, "list", "--strict")
    assert (screen.status, screen.out) == (4, "")
    assert numbers(store) == [*ALL, 100, 101, 103]

    screen = run_command(store, "store", "repair", "--utc")
    assert screen.status == 0
    assert "Lost from cluster prod: 2 journal lines, of 2026-11-20 09:01:42Z to 2026-11-20 09:01:43Z." in screen.err
    assert is_intact(store)
    assert numbers(store, "--strict") == [*ALL, 100, 101, 103]
    (lost,) = [span for span in store.coverage()[CLUSTER] if span.state is State.LOST]
    assert (lost.start.isoformat(), lost.cause) == (_at(102), "2 lines of the journal were damaged on disk")
    assert quarantined(store) == ["journal/cluster=prod/00000001.ndjson"]


def _at(second: int) -> str:
    return datetime.fromtimestamp(NOW.timestamp() - 3 * 3600 + second, NOW.tzinfo).isoformat()


def _cut_last_event(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: data.index(document(201))])


@pytest.mark.parametrize(
    ("damage", "finding", "left"),
    [
        (Path.unlink, "is missing", [100, 102]),
        (lambda path: path.write_bytes(b""), "has {left} of {size} bytes", [100, 102]),
        (_cut_last_event, "has {left} of {size} bytes", [100, 101, 102]),
    ],
)
def test_a_missing_or_cut_journal_file_is_detected_by_the_next_file(
    store: Store, damage: Callable[[Path], object], finding: str, left: list[int]
) -> None:
    for numbers_of_file in ((100,), (101, 201), (102,)):
        journal = open_journal(store)
        for number in numbers_of_file:
            record(journal, number)
        journal.close()
    assert is_intact(store)
    path = journal.directory / "00000002.ndjson"
    size = path.stat().st_size
    damage(path)
    finding = finding.format(left=path.stat().st_size if path.exists() else None, size=f"{size:,}")
    (row,) = json.loads(run_command(store, "store", "verify", "-o", "json").out)
    assert (row["file"], row["finding"]) == ("journal/cluster=prod/00000002.ndjson", finding)
    screen = run_command(store, "list")
    assert f"journal/cluster=prod/00000002.ndjson {finding}" in screen.err
    assert run_command(store, "list", "--strict").status == 4
    assert numbers(store) == [*ALL, *left]
    assert run_command(store, "store", "repair").status == 0
    assert is_intact(store)
    assert numbers(store, "--strict") == [*ALL, *left]


def test_an_incomplete_line_after_a_kill_is_reported_but_not_damage(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 100)
    with next(journal.directory.glob("*.ndjson")).open("ab") as file:
        file.write(b'{"torn')
    assert run_command(store, "store", "verify", "-o", "json").out == "[]\n"  # the recorder may be writing it
    journal.close()
    (row,) = json.loads(run_command(store, "store", "verify", "-o", "json").out)
    assert row["remedy"] == "none"
    assert numbers(store, "--strict") == [*ALL, 100]


def test_repair_quarantines_only_the_damaged_file(store: Store) -> None:
    """All other files of the cluster stay."""
    flip(first(store).path, 100)
    assert run_command(store, "store", "repair").status == 0
    assert sum(file.rows for file in store.files()) == EVENTS - EVENTS_PER_DAY
