"""A follower of a journal sees each synced event once, and no damaged lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kevents.store.journal.checksums import with_checksum
from kevents.store.journal.files import journal_files
from kevents.store.journal.follower import Follower
from kevents.store.store import Store
from tests.store.small_recorder import document, open_journal, record


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def poll(follower: Follower) -> tuple[list[int], int]:
    """The numbers of the new events, and how many lines were skipped."""
    appended = list(follower.poll())
    lines = b"".join(part.lines for part in appended).splitlines()
    return [json.loads(line)["count"] - 1 for line in lines], sum(part.lost for part in appended)


def test_existing_events_are_skipped_and_new_ones_are_returned_once(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    follower = Follower(store.directory)
    assert poll(follower) == ([], 0)
    record(journal, 2, 3)
    assert poll(follower) == ([2, 3], 0)
    assert poll(follower) == ([], 0)
    follower.close()
    journal.close()


def test_a_line_is_returned_after_its_checksum_or_when_its_file_is_full(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    follower = Follower(store.directory)
    (path,) = journal_files(journal.directory).values()
    with path.open("ab") as file:
        file.write(document(2) + b"\n" + b'{"torn')
    assert poll(follower) == ([], 0)
    journal.close()
    again = open_journal(store)
    record(again, 3)
    assert poll(follower) == ([2, 3], 0)
    follower.close()
    again.close()


@pytest.mark.parametrize("damage", [b"web-7", b"web\0007"])
def test_damaged_lines_are_counted_once_and_not_returned(store: Store, damage: bytes) -> None:
    journal = open_journal(store)
    record(journal, 1)
    follower = Follower(store.directory)
    (path,) = journal_files(journal.directory).values()
    with path.open("ab") as file:
        file.write(with_checksum(document(2) + b"\n").replace(b"web-2", damage))
    assert poll(follower) == ([], 1)
    assert poll(follower) == ([], 0)
    record(journal, 3)
    assert poll(follower) == ([3], 0)
    follower.close()
    journal.close()
