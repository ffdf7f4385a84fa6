"""Who follows a journal sees each synced event once, and nothing that is not what was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kevents.store.journal.checksums import framed
from kevents.store.journal.files import numbered
from kevents.store.journal.follower import Follower
from kevents.store.store import Store
from tests.store.small_recorder import document, open_journal, record


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def turn(following: Follower) -> tuple[list[int], int]:
    """The numbers of the events of a turn, and how many lines were left out."""
    appended = list(following.turn())
    lines = b"".join(one.lines for one in appended).splitlines()
    return [json.loads(line)["count"] - 1 for line in lines], sum(one.lost for one in appended)


def test_what_is_there_is_past_and_what_comes_is_told_once(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    following = Follower(store.directory)
    assert turn(following) == ([], 0)
    record(journal, 2, 3)
    assert turn(following) == ([2, 3], 0)
    assert turn(following) == ([], 0)
    following.close()
    journal.close()


def test_a_line_waits_for_its_checksum_or_for_the_end_of_its_file(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    following = Follower(store.directory)
    (path,) = numbered(journal.directory).values()
    with path.open("ab") as file:
        file.write(document(2) + b"\n" + b'{"torn')
    assert turn(following) == ([], 0)
    journal.close()
    again = open_journal(store)
    record(again, 3)
    assert turn(following) == ([2, 3], 0)
    following.close()
    again.close()


@pytest.mark.parametrize("damage", [b"web-7", b"web\0007"])
def test_damaged_lines_are_counted_once_and_not_shown(store: Store, damage: bytes) -> None:
    journal = open_journal(store)
    record(journal, 1)
    following = Follower(store.directory)
    (path,) = numbered(journal.directory).values()
    with path.open("ab") as file:
        file.write(framed(document(2) + b"\n").replace(b"web-2", damage))
    assert turn(following) == ([], 1)
    assert turn(following) == ([], 0)
    record(journal, 3)
    assert turn(following) == ([3], 0)
    following.close()
    journal.close()
