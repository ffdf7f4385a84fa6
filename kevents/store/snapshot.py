"""What readers see of a store: its segments and, of its journals, what is no segment yet. Each row once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.errors import StoreError
from kevents.store import catalog, reader_lock
from kevents.store.catalog import Catalog, StoreFile
from kevents.store.coverage import Span, merged
from kevents.store.journal.control_lines import ControlLineTotals
from kevents.store.journal.files import journal_directories, note_lines, numbered
from kevents.store.journal.part import JournalPart, ListPart, Part
from kevents.store.paths import journal_file

if TYPE_CHECKING:
    from kevents.store.fresh import Fresh

_AHEAD = timedelta(days=1)  # how far in the future an event may be by a wrong clock and still be the newest


class Snapshot:
    """A store at one moment: the catalog, and the parts that no segment holds."""

    def __init__(self, catalog: Catalog, parts: Iterable[Part], keeps: object = None) -> None:
        """keeps: what must live as long as the snapshot, so that no file goes while it is read."""
        self._catalog = catalog
        self._parts: list[Part] = [*parts]
        self._keeps = keeps
        self._fresh: dict[datetime, Fresh | None] = {}

    @classmethod
    def take(cls, directory: Path, known: Catalog | None = None) -> Snapshot:
        """The store in a directory now. known: what to take for the catalog, where that is damaged."""
        reading = reader_lock.hold(directory)  # before the catalog is read: no file that it lists goes from then on
        # The journal first: what is sealed between the two is in the catalog as well, and is left out of the journal.
        opened = _open_parts(directory)
        found = known or catalog.read(directory)
        unsealed = [part for part in opened if part.number > found.of(part.cluster).sealed]
        _link(unsealed, found)
        return cls(found, unsealed, reading)

    def with_list(self, cluster: str, lines: bytes) -> Snapshot:
        """The same, and the events that a cluster listed; an observation that both hold is seen once.

        cluster: the label of the listed events. lines: a document each.
        """
        return Snapshot(self._catalog, [*self._parts, ListPart(cluster, lines)], self)

    @property
    def files(self) -> Sequence[StoreFile]:
        """The segments."""
        return self._catalog.files

    @property
    def journal_files(self) -> Sequence[JournalPart]:
        """The files of the journal alone."""
        return [part for part in self._parts if isinstance(part, JournalPart)]

    @property
    def journal(self) -> Sequence[Part]:
        """The journal files that are no segments yet."""
        return self._parts

    def fresh(self, now: datetime) -> Fresh | None:
        """What no segment holds yet; None if that is nothing. now: what is told of a day later is absurd."""
        if not self._parts:
            return None
        if now not in self._fresh:
            from kevents.store.fresh import fresh

            self._fresh[now] = fresh(self._parts, self.files, now)
        return self._fresh[now]

    def newest(self, now: datetime) -> datetime | None:
        """When the newest event was last seen, of segments and of what is none yet; absurd times aside."""
        seen = [file.max_last_seen for file in self.files if file.day and file.max_last_seen]
        sealed = max((moment for moment in seen if moment <= now + _AHEAD), default=None)
        fresh = self.fresh(now)
        return max((moment for moment in (sealed, fresh and fresh.newest) if moment), default=None)

    @cached_property
    def coverage(self) -> Mapping[str, tuple[Span, ...]]:
        """What is covered, by cluster."""
        told: dict[str, ControlLineTotals] = {}
        for part in self._parts:
            told.setdefault(part.cluster, ControlLineTotals()).add(note_lines(part.read()))
        known = self._catalog.clusters
        return {
            cluster: merged((*self._catalog.of(cluster).coverage, *told.get(cluster, ControlLineTotals()).spans))
            for cluster in sorted(known.keys() | told)
        }


def _link(parts: Iterable[JournalPart], known: Catalog) -> None:
    """Let files whose predecessor is gone or too short say so, unless that is sealed."""
    sizes = {(part.cluster, part.number): part.size for part in parts}
    for part in parts:
        before = part.before
        if not before or before.number <= known.of(part.cluster).sealed:
            continue
        name = "/".join(journal_file(part.path.parent, before.number).parts[-3:])
        size = sizes.get((part.cluster, before.number))
        if size is None:
            part.lacks = f"{name} is missing"
        elif size < before.size:
            part.lacks = f"{name} has {size:,} of {before.size:,} bytes"


def _open_parts(directory: Path) -> list[JournalPart]:
    parts = []
    for journal in journal_directories(directory):
        for number, path in numbered(journal).items():
            try:
                parts.append(JournalPart(path, number))
            except FileNotFoundError:  # sealed and removed just now
                continue
            except OSError as error:
                raise StoreError(f"cannot read {path}: {error.strerror}") from error
    return parts
