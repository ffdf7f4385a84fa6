"""Looks up names in the index, and has it updated in the background."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kevents import clock
from kevents.errors import KeventsError
from kevents.store.names.index import Index, index_path
from kevents.store.names.state import state_of
from kevents.store.paths import catalog_of
from kevents.worker_process import WorkerProcess

_PATIENCE = 0.18  # seconds in which a prompt waits for an update
_POLL_INTERVAL = 0.01  # seconds
_MAX_AGE = 15  # seconds until new events in the journals are indexed

_WORKERS: list[WorkerProcess] = []  # kept, because Python warns about processes that nobody waits for

IndexQuery = Callable[[Index], list[str]]


@dataclass(frozen=True)
class _Update:
    """A process that updates the index. deadline: until when a prompt waits for it."""

    worker: WorkerProcess
    deadline: float

    @property
    def is_over(self) -> bool:
        return not self.worker.is_running or time.monotonic() >= self.deadline


class Names:
    """The names in a store. Without a store, or after an error, there are none."""

    def __init__(self, store: Path, cache: Path, patience: float = _PATIENCE, *, in_process: bool = False) -> None:
        """patience: seconds to wait for an update. in_process: update in this process, which has imported DuckDB."""
        self._store = store
        self._patience = patience
        self._in_process = in_process
        self._path = index_path(cache, store)
        self._update: _Update | None = None  # one is enough for all queries

    def ask(self, query: IndexQuery) -> list[str]:
        """The result of the query. If it is empty and the index is outdated, the result after a short update."""
        names, is_outdated = self._look_up(query)
        if is_outdated and self._in_process:
            return self._ask_after_update(query)
        if is_outdated and catalog_of(self._store).exists():
            self._update = self._update or self._start_update()
            while not names and not self._update.is_over:
                time.sleep(_POLL_INTERVAL)
                names, _ = self._look_up(query)
            if not names:
                names, _ = self._look_up(query)
        return names

    @property
    def is_complete(self) -> bool:
        """Whether a name that is not in the index is not in the store."""
        return not self._look_up(lambda _: [])[1]

    def _ask_after_update(self, query: IndexQuery) -> list[str]:
        from kevents.duck import Error
        from kevents.store.names.learn import learn

        with suppress(KeventsError, OSError, Error, sqlite3.Error):  # names are optional help
            learn(self._store, self._path, clock.now())
        self._in_process = False
        return self._look_up(query)[0]

    def _start_update(self) -> _Update:
        """Start a process that updates the index. It continues after the prompt stops waiting."""
        worker = WorkerProcess(
            "kevents.store.names.learn", str(self._store.absolute()), str(self._path), captured=False
        )
        _WORKERS.append(worker)
        return _Update(worker, time.monotonic() + self._patience)

    def _look_up(self, query: IndexQuery) -> tuple[list[str], bool]:
        """The current result of the query, and whether the store has changed since the index was updated."""
        try:
            index = Index(self._path)
        except sqlite3.Error:  # it does not exist yet
            return [], True
        try:
            return query(index), self._is_outdated(index.state)
        except sqlite3.Error:  # unfinished, of another version, or locked by a writer
            return [], True
        finally:
            index.close()

    def _is_outdated(self, indexed: str | None) -> bool:
        current = state_of(self._store)
        if indexed is None or indexed.split()[0] != current.split()[0]:
            return True
        return indexed != current and time.time() - self._path.stat().st_mtime > _MAX_AGE
