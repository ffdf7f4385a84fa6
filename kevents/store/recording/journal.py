"""The journal of a recorder: events are appended and synced here first, and become segments in the background.

A checkpoint follows the events it covers in the same file, so it can never become durable before them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from kevents.errors import StoreError
from kevents.store import catalog, disk
from kevents.store.coverage import Checkpoint
from kevents.store.journal import control_lines
from kevents.store.journal.append import AppendOnlyFile, as_line
from kevents.store.journal.checksums import parse, with_checksum
from kevents.store.journal.control_lines import ControlLineTotals, PreviousFile
from kevents.store.journal.files import control_lines_in, journal_directory, journal_files
from kevents.store.lock import Lock
from kevents.store.paths import journal_file, lock_of
from kevents.store.quarantine import copy_to_quarantine, move_to_quarantine
from kevents.store.recording.sealer import BackgroundSealer

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from pathlib import Path

    from kevents.store.store import Store

_MAX_PENDING = 8 << 20  # bytes in memory until the next sync
_LOCK_TIMEOUT = 1.0  # seconds; a check whether the lock is held acquires it for a moment
_CLOSE_TIMEOUT = 4.0  # seconds to seal the last files


class JournalWriteError(StoreError):
    """The journal could not be written or synced. Nothing is lost: pending lines stay pending. Sync again later."""


@dataclass(frozen=True)
class Limits:
    """When a journal file is full."""

    bytes: int = 32 << 20
    age: timedelta = timedelta(seconds=60)
    quiet_age: timedelta = timedelta(minutes=10)  # of a file with control lines only


@dataclass
class Recovery:
    """What the previous recorder left unsealed, such as after a kill. documents: the number of its events."""

    files: int = 0
    documents: int = 0
    torn_bytes: int = 0  # after the last complete line; never acknowledged


class Sealer(Protocol):
    """Turns full journal files into segments.

    error: of the last attempt. sealed: the last sealed file number. added: new observations by file number.
    """

    error: str | None
    sealed: int
    added: Counter[int]

    def poll(self, newest: int) -> None: ...
    def wait(self, newest: int, seconds: float | None) -> None: ...


class Journal:
    """The journal of one cluster, open for appending by one recorder.

    checkpoints: the last durable ones by scope, which is coverage.ALL or a namespace. recovery: what `open` found.
    """

    directory: Path
    recovery: Recovery
    checkpoints: dict[str, Checkpoint]

    def __init__(
        self, directory: Path, lock: Lock, sealer: Sealer, now: Callable[[], datetime], limits: Limits
    ) -> None:
        self.directory = directory
        self.recovery = Recovery()
        self.checkpoints = {}
        self._lock = lock
        self._sealer = sealer
        self._now = now
        self._limits = limits
        self._file: AppendOnlyFile | None = None
        self._opened = now()
        self._has_documents = False  # in the current file, or pending
        self._next = 1
        self._first = 1  # the first file that is not recovered
        self._previous: PreviousFile | None = None  # before the current file
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._pending_checkpoints: dict[str, Checkpoint] = {}

    @classmethod
    def open(
        cls,
        store: Store,
        cluster: str,
        now: Callable[[], datetime],
        *,
        limits: Limits | None = None,
        sealer: Sealer | None = None,
    ) -> Journal:
        """Open and lock the journal of a cluster. Raises StoreError if another recorder has it open.

        The files of a killed recorder are recovered: complete lines are kept, an incomplete last line is cut off.
        """
        try:
            store.create()
            directory = journal_directory(store.directory, cluster)
            disk.make_directory(directory)
            lock = Lock(lock_of(directory))
            if not lock.acquire(_LOCK_TIMEOUT):
                raise StoreError(
                    f"process {lock.holder} is already recording cluster {cluster} into this store",
                    hint="Stop it first, or record into another store with --store.",
                )
            sealer = sealer or BackgroundSealer(store.directory, cluster, now)
            journal = cls(directory, lock, sealer, now, limits or Limits())
            try:
                journal._recover(store, cluster)
            except BaseException:
                lock.release()
                raise
        except OSError as error:
            raise StoreError(f"cannot record into the store {store.directory}: {error.strerror or error}") from error
        return journal

    @property
    def spool_bytes(self) -> int:
        """The size of the files that are not sealed yet."""
        size = 0
        for path in journal_files(self.directory).values():
            with suppress(FileNotFoundError, disk.NotRegularError):  # sealed just now, or damage
                size += disk.size(path)
        return size

    @property
    def added(self) -> int:
        """How many of the written documents were new to the store, as far as they are sealed."""
        return sum(count for number, count in self._sealer.added.items() if number >= self._first)

    @property
    def sealing_error(self) -> str | None:
        """Why the last attempt to seal failed. It is retried automatically."""
        return self._sealer.error

    def write(self, documents: Sequence[bytes]) -> None:
        """Append core/v1 Event documents. They are durable after the next sync."""
        if not documents:
            return
        lines = b"\n".join(documents) + b"\n"
        if lines.count(b"\n") != len(documents) or b"\0" in lines or not all(d.startswith(b"{") for d in documents):
            lines = b"".join(map(as_line, documents))
        self._has_documents = True
        self._add(lines)

    def note(self, word: str, entry: Mapping[str, object]) -> None:
        """Append a control line from `journal.control_lines`. It refers to the documents written before it."""
        totals = ControlLineTotals()
        totals.add_line(word, entry)
        self._pending_checkpoints.update(totals.checkpoints)
        self._add(control_lines.encode(word, entry))

    def sync(self) -> None:
        """Make everything pending durable and visible to readers.

        Raises JournalWriteError if that fails. Everything stays pending then: write nothing more, and sync again later.
        """
        if self._pending:
            self._append(with_checksum(b"".join(self._pending)))
            self._pending, self._pending_bytes = [], 0
            self.checkpoints.update(self._pending_checkpoints)
            self._pending_checkpoints = {}
        if self._is_full():
            self._close_file()
            self._has_documents = False
        self._sealer.poll(self._newest_full)

    def close(self, seconds: float | None = _CLOSE_TIMEOUT) -> None:
        """Sync, seal the remaining files within this time if possible (None: no limit), and release the journal."""
        try:
            self.sync()
            self._close_file()
            self._sealer.wait(self._newest_full, seconds)
        finally:
            if self._file:
                self._file.close()
            self._lock.release()

    @property
    def _newest_full(self) -> int:
        """The number of the newest file that is full."""
        return self._next - 2 if self._file else self._next - 1

    def _is_full(self) -> bool:
        if self._file is None:
            return False
        age = self._limits.age if self._has_documents else self._limits.quiet_age
        return self._file.durable >= self._limits.bytes or self._now() - self._opened >= age

    def _add(self, lines: bytes) -> None:
        self._pending.append(lines)
        self._pending_bytes += len(lines)
        if self._pending_bytes >= _MAX_PENDING:
            self.sync()

    def _append(self, data: bytes) -> None:
        try:
            if self._file is None:
                self._file = AppendOnlyFile(journal_file(self.directory, self._next))
                self._next += 1
                self._opened = self._now()
            if self._previous and not self._file.durable:
                data = with_checksum(control_lines.encode(*self._previous.control_line)) + data
            self._file.append(data)
        except OSError as error:
            if self._file and self._file.is_unusable:
                self._close_file()
            raise JournalWriteError(
                f"the journal {self.directory} cannot be written: {error.strerror or error}",
                hint="Synced events are safe. Free some disk space, and recording continues.",
            ) from error

    def _close_file(self) -> None:
        """Close the current file. The next write opens a new one."""
        if self._file:
            self._file.close()
            self._previous, self._file = PreviousFile(self._next - 1, self._file.durable), None

    def _recover(self, store: Store, cluster: str) -> None:
        """Recover the existing files. Start over if a sealer that outlived its recorder deletes one meanwhile.

        Its checkpoint is in the catalog by then, and would be missed without reading that again.
        """
        while True:
            with suppress(FileNotFoundError):
                self._recover_files(store, cluster)
                return

    def _recover_files(self, store: Store, cluster: str) -> None:
        files = journal_files(self.directory)  # before the catalog: files that are missing here are sealed there
        state = catalog.read(store.directory).cluster(cluster)
        self._next = self._first = max(state.sealed, *files, 0) + 1
        self._sealer.sealed = state.sealed
        self.checkpoints, self.recovery = dict(state.checkpoints), Recovery()
        for number, path in files.items():
            if number <= state.sealed:
                disk.remove(path)
            else:
                self._recover_file(store, number, path)

    def _recover_file(self, store: Store, number: int, path: Path) -> None:
        if disk.kind_of(path):
            move_to_quarantine(store.directory, path)
            return
        data = disk.read(path)
        content = parse(data)
        if content.length < len(data):
            if not content.torn:  # either a power failure or damage
                copy_to_quarantine(store.directory, path)
            disk.truncate(path, content.length)
        lines = control_lines_in(content.lines)
        self.checkpoints.update(ControlLineTotals.of(lines).checkpoints)
        self.recovery.files += 1
        self.recovery.documents += content.lines.count(b"\n") - len(lines)
        self.recovery.torn_bytes += len(data) - content.length
        self._previous = PreviousFile(number, content.length)
