"""Asking the index of names, and having it brought up to date beside the prompt."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kevents import clock
from kevents.errors import KeventsError
from kevents.store.names.index import Index, place
from kevents.store.names.state import state_of
from kevents.store.paths import catalog_of
from kevents.worker_process import WorkerProcess

_PATIENCE = 0.18  # seconds that a prompt waits in all for names that are being learned
_GLANCE = 0.01
_FRESH = 15  # seconds before what a recorder took meanwhile is looked at again

_CHILDREN: list[WorkerProcess] = []  # kept, for Python complains of children that nobody waits for

Question = Callable[[Index], list[str]]


@dataclass(frozen=True)
class _Learning:
    """A process that learns, and until when a prompt waits for it."""

    child: WorkerProcess
    until: float

    @property
    def is_over(self) -> bool:
        return not self.child.is_running or time.monotonic() >= self.until


class Names:
    """The names in a store; none where there is no store, or where anything goes wrong."""

    def __init__(self, store: Path, cache: Path, patience: float = _PATIENCE, *, here: bool = False) -> None:
        """patience: seconds to wait for names. here: learn them in this process, which has the libraries already."""
        self._store = store
        self._patience = patience
        self._here = here
        self._path = place(cache, store)
        self._learning: _Learning | None = None  # one of them is enough for all that is asked

    def ask(self, question: Question) -> list[str]:
        """The answer that the index gives; where it gives none and is old, what it gives a moment later."""
        found, is_old = self._look(question)
        if is_old and self._here:
            return self._learned(question)
        if is_old and catalog_of(self._store).exists():
            self._learning = self._learning or self._learn()
            while not found and not self._learning.is_over:
                time.sleep(_GLANCE)
                found, _ = self._look(question)
            if not found:
                found, _ = self._look(question)
        return found

    @property
    def is_complete(self) -> bool:
        """Whether what is not found is not there."""
        return not self._look(lambda _: [])[1]

    def _learned(self, question: Question) -> list[str]:
        from kevents.duck import Error
        from kevents.store.names.learn import learn

        with suppress(KeventsError, OSError, Error, sqlite3.Error):  # names are help, no answer
            learn(self._store, self._path, clock.now())
        self._here = False
        return self._look(question)[0]

    def _learn(self) -> _Learning:
        """Start to bring the index up to date, in a process that goes on when nobody waits any more."""
        child = WorkerProcess("kevents.store.names.learn", str(self._store.absolute()), str(self._path), heard=False)
        _CHILDREN.append(child)
        return _Learning(child, time.monotonic() + self._patience)

    def _look(self, question: Question) -> tuple[list[str], bool]:
        """What the index answers now, and whether the store has changed since it was learned."""
        try:
            index = Index(self._path)
        except sqlite3.Error:  # there is none yet
            return [], True
        try:
            return question(index), self._is_old(index.state)
        except sqlite3.Error:  # half made, of another version, or being written at this moment
            return [], True
        finally:
            index.close()

    def _is_old(self, learned: str | None) -> bool:
        now = state_of(self._store)
        if learned is None or learned.split()[0] != now.split()[0]:
            return True
        return learned != now and time.time() - self._path.stat().st_mtime > _FRESH
