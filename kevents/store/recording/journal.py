"""The journal: what a recorder takes is appended here and synced first, and becomes segments in the background.

The order of its lines is the truth: a checkpoint stands behind the documents that it speaks of, in the same file, so
it can never be ahead of them.
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
from kevents.store.journal.append import AppendedFile, as_line
from kevents.store.journal.checksums import framed, taken
from kevents.store.journal.control_lines import Before, ControlLineTotals
from kevents.store.journal.files import journal_directory, note_lines, numbered
from kevents.store.lock import Lock
from kevents.store.paths import journal_file, lock_of
from kevents.store.quarantine import copy_aside
from kevents.store.recording.sealer import Sealing

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from pathlib import Path

    from kevents.store.store import Store

_MOST_PENDING = 8 << 20  # bytes that wait in memory for the next sync
_PATIENCE = 1.0  # seconds: who only looks whether the lock is held has it for a moment
_LEAVE = 4.0  # seconds that closing waits for the last files to be sealed


class JournalFull(StoreError):  # noqa: N818
    """The journal could not be written or synced. Nothing is lost: what was pending still is; sync again later."""


@dataclass(frozen=True)
class Limits:
    """When a journal file is full."""

    bytes: int = 32 << 20
    age: timedelta = timedelta(seconds=60)
    quiet_age: timedelta = timedelta(minutes=10)  # of one that holds control lines only


@dataclass
class Recovery:
    """What a recorder that did not close its journal had left. documents: those that wait to be sealed."""

    files: int = 0
    documents: int = 0
    torn_bytes: int = 0  # behind the last whole line, never claimed to be saved


class Seals(Protocol):
    """What turns full journal files into segments beside the recorder."""

    error: str | None
    sealed: int  # every file up to this number is
    added: Counter[int]  # new observations that each sealed file added to the store

    def look(self, newest: int) -> None: ...
    def wait(self, newest: int, seconds: float | None) -> None: ...


class Journal:
    """One recorder's journal of one cluster, open for appending.

    directory: where it lies, for `state.write_state`. checkpoints: the last durable ones, by scope (coverage.ALL or a
    namespace). recovery: what was found on opening.
    """

    directory: Path
    recovery: Recovery
    checkpoints: dict[str, Checkpoint]

    def __init__(self, directory: Path, lock: Lock, seals: Seals, now: Callable[[], datetime], limits: Limits) -> None:
        self.directory = directory
        self.recovery = Recovery()
        self.checkpoints = {}
        self._lock = lock
        self._seals = seals
        self._now = now
        self._limits = limits
        self._file: AppendedFile | None = None
        self._began = now()
        self._has_documents = False  # in the present file, or about to be
        self._next = 1
        self._first = 1  # the first file that is not recovered
        self._before: Before | None = None  # the file before the present one
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
        seals: Seals | None = None,
    ) -> Journal:
        """The journal of a cluster, held by this process alone until it is closed.

        A second recorder is refused with a StoreError that names the first one's process. What a killed one left is
        recovered: whole lines are kept, the torn rest is cut off and counted.
        """
        try:
            store.make()
            directory = journal_directory(store.directory, cluster)
            disk.make(directory)
            lock = Lock(lock_of(directory))
            if not lock.acquire(_PATIENCE):
                raise StoreError(
                    f"process {lock.holder} is recording the cluster {cluster} into this store already",
                    hint="stop it first, or record into another store with --store",
                )
            journal = cls(directory, lock, seals or Sealing(store.directory, cluster, now), now, limits or Limits())
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
        """Bytes of the files that are not sealed yet."""
        size = 0
        for path in numbered(self.directory).values():
            with suppress(FileNotFoundError):  # sealed just now
                size += disk.size(path)
        return size

    @property
    def added(self) -> int:
        """How many of the written documents were new to the store, as far as they are sealed."""
        return sum(count for number, count in self._seals.added.items() if number >= self._first)

    @property
    def sealing_error(self) -> str | None:
        """Why the last attempt to seal failed; it is tried again by itself."""
        return self._seals.error

    def write(self, documents: Sequence[bytes]) -> None:
        """Append whole core/v1 documents, one observation each; durable with the next sync."""
        if not documents:
            return
        lines = b"\n".join(documents) + b"\n"
        if lines.count(b"\n") != len(documents) or b"\0" in lines or not all(d.startswith(b"{") for d in documents):
            lines = b"".join(map(as_line, documents))
        self._has_documents = True
        self._take(lines)

    def note(self, word: str, entry: Mapping[str, object]) -> None:
        """Append a control line of `journal.control_lines`; it is true of what was written before it."""
        told = ControlLineTotals()
        told.take(word, entry)
        self._pending_checkpoints.update(told.checkpoints)
        self._take(control_lines.line(word, entry))

    def sync(self) -> None:
        """Make all that was written and noted durable, and visible to readers.

        If that fails, JournalFull is raised and all of it stays pending: take nothing more, and sync again later.
        """
        if self._pending:
            self._append(framed(b"".join(self._pending)))
            self._pending, self._pending_bytes = [], 0
            self.checkpoints.update(self._pending_checkpoints)
            self._pending_checkpoints = {}
        if self._is_full():
            self._turn()
            self._has_documents = False
        self._seals.look(self._newest_full)

    def close(self, seconds: float | None = _LEAVE) -> None:
        """Sync, seal everything that can be sealed within that time (None: no limit), and let the journal go."""
        try:
            self.sync()
            self._turn()
            self._seals.wait(self._newest_full, seconds)
        finally:
            if self._file:
                self._file.close()
            self._lock.release()

    @property
    def _newest_full(self) -> int:
        """The number of the newest file that nothing is appended to any more."""
        return self._next - 2 if self._file else self._next - 1

    def _is_full(self) -> bool:
        if self._file is None:
            return False
        age = self._limits.age if self._has_documents else self._limits.quiet_age
        return self._file.durable >= self._limits.bytes or self._now() - self._began >= age

    def _take(self, lines: bytes) -> None:
        self._pending.append(lines)
        self._pending_bytes += len(lines)
        if self._pending_bytes >= _MOST_PENDING:
            self.sync()

    def _append(self, data: bytes) -> None:
        try:
            if self._file is None:
                self._file = AppendedFile(journal_file(self.directory, self._next))
                self._next += 1
                self._began = self._now()
            if self._before and not self._file.durable:
                data = framed(control_lines.line(*self._before.note)) + data
            self._file.append(data)
        except OSError as error:
            if self._file and self._file.is_broken:
                self._turn()
            raise JournalFull(
                f"the journal {self.directory} cannot be written: {error.strerror or error}",
                hint="What was synced before is safe; free some space and recording goes on.",
            ) from error

    def _turn(self) -> None:
        """Append nothing more to the present file."""
        if self._file:
            self._file.close()
            self._before, self._file = Before(self._next - 1, self._file.durable), None

    def _recover(self, store: Store, cluster: str) -> None:
        """Take over what is there; begin again if a sealing that outlived its recorder removes a file meanwhile.

        What it told is in the catalog by then: without it, a checkpoint would be missed.
        """
        while True:
            with suppress(FileNotFoundError):
                self._take_over(store, cluster)
                return

    def _take_over(self, store: Store, cluster: str) -> None:
        files = numbered(self.directory)  # before the catalog: what is not seen here is seen there
        known = catalog.read(store.directory).of(cluster)
        self._next = self._first = max(known.sealed, *files, 0) + 1
        self._seals.sealed = known.sealed
        self.checkpoints, self.recovery = dict(known.checkpoints), Recovery()
        for number, path in files.items():
            if number <= known.sealed:
                disk.remove(path)
            else:
                self._recover_file(store, number, path)

    def _recover_file(self, store: Store, number: int, path: Path) -> None:
        data = disk.read(path)
        found = taken(data)
        if found.end < len(data):
            if not found.torn:  # a power cut, or damage: nobody can tell
                copy_aside(store.directory, path)
            disk.cut(path, found.end)
        lines = note_lines(found.lines)
        self.checkpoints.update(ControlLineTotals.of(lines).checkpoints)
        self.recovery.files += 1
        self.recovery.documents += found.lines.count(b"\n") - len(lines)
        self.recovery.torn_bytes += len(data) - found.end
        self._before = Before(number, found.end)
