"""A store opened for questions: what it holds at one moment, the rating of reasons, and the care for damage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from math import inf
from pathlib import Path

from kevents.event.severity import Ratings
from kevents.event.severity_table import with_own
from kevents.query.damage_policy import DamagePolicy
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.store.catalog import Catalog
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store


class OpenStore:
    """The one way to an engine over a store; the engines of one open store share a database."""

    def __init__(self, directory: Path, snapshot: Snapshot, now: datetime, damage: DamagePolicy, config: Path) -> None:
        """now: the wall clock, which is never --as-of. config: the configuration directory, for the user's ratings."""
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
        """In the place of a store that does not exist yet."""
        return cls(directory, Snapshot(Catalog(), ()), now, damage, config)

    def without_rows(self) -> OpenStore:
        """In the place of a store that is not to be asked."""
        return OpenStore.empty(self.directory, self._now, self.damage, self._config)

    def with_list(self, cluster: str, lines: bytes) -> OpenStore:
        """The same, and the events that a cluster listed, a document a line."""
        snapshot = self.snapshot.with_list(cluster, lines)
        return OpenStore(self.directory, snapshot, self._now, self.damage, self._config)

    def engine(self, selection: Selection, as_of: datetime) -> Engine:
        """An engine over the rows that the selection may need. as_of: what questions take for now."""
        if self._first is None or self._first.now != as_of:
            self._first = self._engine(selection, as_of, self.damage)
            return self._first
        return self._first.of(selection)

    def thorough_engine(self, selection: Selection, as_of: datetime, workshop: Path | None) -> Engine:
        """An engine that reads only files whose checksums hold. workshop: where it may write files."""
        return self._engine(selection, as_of, self.damage.reading(inf), workshop)

    def _engine(
        self, selection: Selection, as_of: datetime, damage: DamagePolicy, workshop: Path | None = None
    ) -> Engine:
        fresh = self.snapshot.fresh(self._now)
        damage.look(self.snapshot.journal)
        return Engine(self.snapshot.files, selection, as_of, fresh and fresh.table, self.ratings, damage, workshop)

    def report_journal_damage(self) -> None:
        """Warn of damage in the journal, as far as it was read."""
        self.damage.look(self.snapshot.journal)

    @cached_property
    def ratings(self) -> Ratings:
        """What each reason means, to kevents and to the user."""
        return user_ratings(self._config, self.damage.warn)

    @cached_property
    def newest(self) -> datetime | None:
        """When the newest event was last seen; None where there is none."""
        return self.snapshot.newest(self._now)

    @cached_property
    def is_bare(self) -> bool:
        """Whether the store holds nothing at all."""
        return not any(file.rows for file in self.snapshot.files) and self.snapshot.fresh(self._now) is None

    @property
    def live_rows(self) -> int:
        """Observations that no segment holds yet."""
        fresh = self.snapshot.fresh(self._now)
        return fresh.table.num_rows if fresh else 0


def user_ratings(config: Path, warn: Callable[[str], None]) -> Ratings:
    """The ratings that ship with the user's own before them; warn: told of each entry that is left out."""
    table = with_own(config)
    for problem in table.problems:
        warn(problem)
    return table.ratings
