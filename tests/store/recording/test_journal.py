"""The journal keeps every acknowledged line, whatever happens to the process, the disk or the file."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kevents.errors import StoreError
from kevents.store.coverage import ALL, Checkpoint
from kevents.store.journal import control_lines
from kevents.store.journal.checksums import complete_length
from kevents.store.journal.files import document_blocks, journal_files
from kevents.store.recording.journal import Journal, JournalWriteError, Limits
from kevents.store.store import Store
from tests.store.small_recorder import NOW, NoSealer, document, open_journal, record, seen


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def only_file(journal: Journal) -> Path:
    (path,) = journal_files(journal.directory).values()
    return path


def lines_of(journal: Journal) -> bytes:
    """The content of the journal without checksum lines."""
    lines = only_file(journal).read_bytes().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"#sum "))


def test_synced_documents_are_stored_unchanged_and_in_order(store: Store) -> None:
    journal = open_journal(store)
    journal.write([b'{"a":"\xc2\x85\xe2\x80\xa8"}', b'{"b":1}'])
    journal.note("checkpoint", {"scope": "*", "resource_version": 7, "at": "2026-11-20T12:00:00+00:00"})
    journal.write([b"{}"])
    assert not journal_files(journal.directory)
    journal.sync()
    assert lines_of(journal) == (
        b'{"a":"\xc2\x85\xe2\x80\xa8"}\n{"b":1}\n'
        b'#checkpoint {"scope": "*", "resource_version": 7, "at": "2026-11-20T12:00:00+00:00"}\n{}\n'
    )
    journal.close()


def test_a_document_with_several_lines_becomes_one_line_and_zero_bytes_are_escaped(store: Store) -> None:
    journal = open_journal(store)
    journal.write([b'\n{\n  "a": 1\n}\n', b'{"b":"\0"}', b'{"c":3}'])
    journal.sync()
    assert lines_of(journal) == b'{   "a": 1 }\n{"b":"\\u0000"}\n{"c":3}\n'
    with pytest.raises(ValueError, match="JSON object"):
        journal.write([b"#gap {}"])
    journal.close()


def test_directories_are_0700_and_files_0600(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    for path in [store.directory, *store.directory.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    journal.close()


def test_a_file_is_full_by_size_or_by_age(store: Store) -> None:
    clock = [NOW]
    sealer = NoSealer()
    limits = Limits(bytes=1000, age=timedelta(seconds=60))
    journal = Journal.open(store, "prod", lambda: clock[0], limits=limits, sealer=sealer)
    record(journal, 1)
    assert (sealer.newest, len(journal_files(journal.directory))) == (0, 1)
    record(journal, 2, 3)
    assert sealer.newest == 1
    record(journal, 4)
    clock[0] += timedelta(seconds=60)
    journal.sync()
    assert (sealer.newest, list(journal_files(journal.directory))) == (2, [1, 2])
    journal.sync()
    assert journal.spool_bytes == sum(path.stat().st_size for path in journal_files(journal.directory).values())
    journal.close()
    assert sealer.newest == 2


def test_a_file_with_only_control_lines_stays_open_longer(store: Store) -> None:
    clock = [NOW]
    sealer = NoSealer()
    journal = Journal.open(store, "prod", lambda: clock[0], sealer=sealer)
    journal.note(*control_lines.counted(ALL, {"deletions": 1}))
    journal.sync()
    clock[0] += timedelta(minutes=9)
    journal.sync()
    assert sealer.newest == 0
    record(journal, 1)
    assert sealer.newest == 1
    journal.close()


def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot record into the store"):
        open_journal(Store(tmp_path / "file" / "store"))


def test_a_second_recorder_is_refused_with_the_pid_of_the_first(store: Store) -> None:
    journal = open_journal(store)
    with pytest.raises(StoreError, match=f"process {os.getpid()} is already recording cluster prod"):
        open_journal(store)
    open_journal(store, cluster="other").close()
    journal.close()
    open_journal(store).close()


def test_the_lock_of_a_killed_recorder_blocks_no_other(store: Store) -> None:
    command = [sys.executable, "-m", "tests.store.small_recorder", str(store.directory), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as recorder:
        assert recorder.stdout
        assert recorder.stdout.readline() == b"20\n"
        with pytest.raises(StoreError, match=f"process {recorder.pid} is already recording"):
            open_journal(store)
        recorder.kill()
    open_journal(store).close()


def test_an_incomplete_last_line_of_any_length_is_cut_off_and_complete_lines_stay(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    first = only_file(journal).stat().st_size
    record(journal, 2)
    journal.close()
    path = only_file(journal)
    data = path.read_bytes()
    second = data.index(b"\n", first) + 1  # the document; then the checkpoint and their checksum
    third = data.index(b"\n", second) + 1
    for length in range(first, len(data)):
        path.write_bytes(data[:length])
        recovered = open_journal(store)
        complete = max(end for end in (first, second, third) if length >= end)
        assert (recovered.recovery.torn_bytes, path.read_bytes()) == (length - complete, data[:complete])
        assert recovered.recovery.documents == (2 if length >= second else 1)
        assert recovered.checkpoints == {ALL: Checkpoint(2 if length >= third else 1, NOW)}
        recovered.close()


@pytest.mark.parametrize("zeros", [1, 5000])
def test_zeros_and_everything_after_them_are_cut_off(store: Store, zeros: int) -> None:
    journal = open_journal(store)
    record(journal, 1)
    journal.close()
    path = only_file(journal)
    data = path.read_bytes()
    for length in range(len(data) - 3, len(data) + 1):
        complete = data.rfind(b"\n", 0, length) + 1
        path.write_bytes(data[:length] + bytes(zeros) + b'"}\n{"a":1}\n')
        assert seen(store) == [1]
        recovered = open_journal(store)
        assert path.read_bytes() == data[:complete]
        assert recovered.recovery.torn_bytes == length - complete + zeros + 11
        recovered.close()


def test_recording_continues_in_a_new_file_after_recovery(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    journal.close()
    with only_file(journal).open("ab") as file:
        file.write(b'{"torn')
    again = open_journal(store)
    record(again, 2)
    again.close()
    assert list(journal_files(again.directory)) == [1, 2]
    assert seen(store) == [1, 2]


class Failing:
    """A function of `os` whose k-th call fails."""

    def __init__(self, real: Callable[..., Any], k: int, number: int) -> None:
        self.real, self.k, self.number, self.calls = real, k, number, 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        if self.calls == self.k:
            raise OSError(self.number, os.strerror(self.number))
        return self.real(*arguments)


def on_disk(journal: Journal) -> set[int]:
    """The numbers of the events in complete lines of the journal."""
    numbers: set[int] = set()
    for path in journal_files(journal.directory).values():
        data = path.read_bytes()
        documents = b"".join(document_blocks(data[: complete_length(data)], 1 << 20))
        numbers.update(json.loads(line)["count"] - 1 for line in documents.splitlines())
    return numbers


@pytest.mark.parametrize("name", ["open", "write", "fsync", "ftruncate"])
@pytest.mark.parametrize("k", range(1, 9))
def test_the_kth_failure_of_the_disk_loses_no_event_and_acknowledges_none_too_early(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str, k: int
) -> None:
    journal = open_journal(store, Limits(bytes=1500))
    with monkeypatch.context() as patch:
        patch.setattr(os, name, Failing(getattr(os, name), k, errno.EIO))
        if name == "ftruncate":  # it is only called after a failed write
            patch.setattr(os, "write", Failing(short_write(os.write), 2 * k, errno.ENOSPC))
        for number in range(8):
            try:
                record(journal, number)
            except JournalWriteError as error:
                assert "cannot be written" in str(error)
                acknowledged = journal.checkpoints[ALL].resource_version if journal.checkpoints else -1
                assert acknowledged == number - 1
                assert on_disk(journal) >= set(range(number))
                journal.sync()
            assert journal.checkpoints[ALL].resource_version == number
            assert on_disk(journal) == set(range(number + 1))
    journal.close()
    again = open_journal(store)
    assert again.checkpoints[ALL].resource_version == 7
    assert seen(store) == list(range(8))
    again.close()


def short_write(real: Callable[..., int]) -> Callable[..., int]:
    def write(descriptor: int, data: memoryview) -> int:
        return real(descriptor, data[:300])

    return write


def test_after_a_failed_write_the_file_is_cut_to_its_durable_size(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(store)
    record(journal, 1)
    before = only_file(journal).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", Failing(short_write(os.write), 2, errno.ENOSPC))
        with pytest.raises(JournalWriteError, match="No space left on device"):
            record(journal, 2)
    assert only_file(journal).read_bytes() == before
    journal.sync()
    assert seen(store) == [1, 2]
    journal.close()


def test_after_a_failed_fsync_the_file_is_not_used_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = open_journal(store)
    record(journal, 1)
    before = only_file(journal).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", Failing(os.fsync, 1, errno.EIO))
        with pytest.raises(JournalWriteError):
            record(journal, 2)
    journal.sync()
    first, second = journal_files(journal.directory).values()
    assert first.read_bytes() == before
    assert second.read_bytes().startswith(b'#after {"number": 1, "size": %d}\n' % len(before))
    assert document(2) + b"\n#checkpoint" in second.read_bytes()
    journal.close()


def test_a_full_disk_is_an_error_and_recording_continues_after_space_is_freed(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("cannot mount a small disk")
    try:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(150_000))
        store = Store(disk / "store")
        journal = open_journal(store)
        recorded = 0
        with pytest.raises(JournalWriteError, match="No space left on device"):
            while True:
                recorded += 10
                record(journal, *range(recorded - 10, recorded))
        assert seen(store) == list(range(recorded - 10))
        with pytest.raises(JournalWriteError):
            journal.sync()
        ballast.unlink()
        journal.sync()
        assert seen(store) == list(range(recorded))
        journal.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_the_size_of_pending_lines_is_limited(store: Store) -> None:
    journal = open_journal(store)
    large = b'{"a":"' + b"x" * 1_000_000 + b'"}'
    for _ in range(9):
        journal.write([large])
    assert only_file(journal).stat().st_size > 8_000_000
    journal.close()


def test_a_checkpoint_is_valid_only_once_it_is_durable(store: Store) -> None:
    journal = open_journal(store)
    journal.note(*control_lines.checkpoint("shop", 5, NOW))
    assert journal.checkpoints == {}
    journal.sync()
    assert journal.checkpoints == {"shop": Checkpoint(5, NOW)}
    journal.close()
