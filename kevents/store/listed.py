"""A store together with what a cluster said of it a moment ago, which is shown and not kept."""

from __future__ import annotations

from pathlib import Path

from kevents.store.catalog import Catalog
from kevents.store.snapshot import Snapshot


class Listed(Snapshot):
    """What readers see of a store, and the events that a cluster listed; an observation that both hold is seen once."""

    def __init__(self, store: Snapshot | None, cluster: str, lines: bytes) -> None:
        """store: None for the list alone. cluster: the label of the listed events. lines: a document each."""
        self._store = store  # which holds its files open
        self._catalog = store._catalog if store else Catalog()
        self._parts = [*(store._parts if store else ()), _Part(cluster, lines)]
        self._fresh = []


class _Part:
    """The list, read as a journal file is."""

    def __init__(self, cluster: str, lines: bytes) -> None:
        self.cluster = cluster
        self.path = Path(cluster)
        self.number = 0
        self.damage = None
        self._lines = lines

    @property
    def size(self) -> int:
        return len(self._lines)

    def read(self) -> bytes:
        return self._lines
