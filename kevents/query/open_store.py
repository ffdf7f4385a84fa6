"""A store opened for queries: a snapshot of its data, the ratings of reasons, and the policy for damaged files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from math import inf
from pathlib import Path

from kevents.event.severity import Ratings
from kevents.event.severity_table import load_ratings
from kevents.query.damage_policy import DamagePolicy
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.store.catalog import Catalog
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store


class OpenStore:
    """Creates the engines over a store; the engines of one open store share a database."""

    def __init__(self, directory: Path, snapshot: Snapshot, now: datetime, damage: DamagePolicy, config: Path) -> None:
        """now: the wall clock, never --as-of. config: the configuration directory, for the user's ratings."""
        self.directory = directory
        self.snapshot = snapshot
        self.damage = damage
        self._now = now
        self._config = config
        self._first: Engine | None = None

    @classmethod
    def open(cls, directory: Path, now: datetime, damage: DamagePolicy, config: Path) -> OpenStore:
        """The store in a directory, which must exist."""
        return cls(directory, damage.snapshot(Store.open(directory)), now, damage, config)

    @classmethod
    def empty(cls, directory: Path, now: datetime, damage: DamagePolicy, config: Path) -> OpenStore:
        """A store without data, for a directory that does not exist yet."""
        return cls(directory, Snapshot(Catalog(), ()), now, damage, config)

    def without_rows(self) -> OpenStore:
        """The same store without its data, for a query that reads only the cluster."""
        return OpenStore.empty(self.directory, self._now, self.damage, self._config)

    def with_list(self, cluster: str, lines: bytes) -> OpenStore:
        """The same store with the events that a cluster listed, one JSON document per line."""
        snapshot = self.snapshot.with_list(cluster, lines)
        return OpenStore(self.directory, snapshot, self._now, self.damage, self._config)

    def engine(self, selection: Selection, as_of: datetime, memory: int | None = None) -> Engine:
        """An engine for the selection. as_of: the current time for the query. memory: of the first engine, in bytes."""
        if self._first is None or self._first.now != as_of:
            self._first = self._engine(selection, as_of, self.damage, memory=memory)
            return self._first
        return self._first.for_selection(selection)

    def thorough_engine(self, selection: Selection, as_of: datetime, staging: Path | None) -> Engine:
        """An engine that checks all files first. staging: the directory that it may write files into."""
        return self._engine(selection, as_of, self.damage.checking(inf), staging)

    def _engine(
        self,
        selection: Selection,
        as_of: datetime,
        damage: DamagePolicy,
        staging: Path | None = None,
        memory: int | None = None,
    ) -> Engine:
        fresh = self.snapshot.fresh(self._now)
        damage.check_journal(self.snapshot.journal)
        rows = fresh and fresh.table
        return Engine(self.snapshot.files, selection, as_of, rows, self.ratings, damage, staging, memory)

    def report_journal_damage(self) -> None:
        """Warn of damage in the journal, as far as it was read."""
        self.damage.check_journal(self.snapshot.journal)

    @cached_property
    def ratings(self) -> Ratings:
        """The built-in ratings with those of the user."""
        return user_ratings(self._config, self.damage.warn)

    @cached_property
    def newest(self) -> datetime | None:
        """When the newest event was last seen; None if there is none."""
        return self.snapshot.newest(self._now)

    @cached_property
    def is_bare(self) -> bool:
        """Whether the store has no data at all."""
        return not any(file.rows for file in self.snapshot.files) and self.snapshot.fresh(self._now) is None

    @property
    def live_rows(self) -> int:
        """The number of observations that are not in a segment yet."""
        fresh = self.snapshot.fresh(self._now)
        return fresh.table.num_rows if fresh else 0


def user_ratings(config: Path, warn: Callable[[str], None]) -> Ratings:
    """The built-in ratings, overridden by the user's severity.toml. warn: called for each entry that is ignored."""
    table = load_ratings(config)
    for problem in table.problems:
        warn(problem)
    return table.ratings
