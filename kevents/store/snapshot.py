"""A snapshot of a store for readers: its segments, and the journal files that are not sealed yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.errors import StoreError
from kevents.store import catalog, layout, reader_lock
from kevents.store.catalog import Catalog, StoreFile
from kevents.store.coverage import Span, merged
from kevents.store.journal.control_lines import ControlLineTotals
from kevents.store.journal.files import control_lines_in, journal_directories, journal_files
from kevents.store.journal.part import JournalPart, ListPart, Part
from kevents.store.paths import journal_file

if TYPE_CHECKING:
    from kevents.store.fresh import Fresh

_MAX_CLOCK_SKEW = timedelta(days=1)  # an event this far in the future can still be the newest


class Snapshot:
    """A store at one moment: the catalog, and the parts that are not in a segment yet."""

    def __init__(self, catalog: Catalog, parts: Iterable[Part], keep_alive: object = None) -> None:
        """keep_alive: referenced as long as the snapshot exists, such as the lock that protects its files."""
        self._catalog = catalog
        self._parts: list[Part] = [*parts]
        self._keep_alive = keep_alive
        self._fresh: dict[datetime, Fresh | None] = {}

    @classmethod
    def take(cls, directory: Path, rebuilt: Catalog | None = None) -> Snapshot:
        """The store in a directory as it is now. rebuilt: replaces the catalog if that is damaged."""
        layout.check(directory)
        lock = reader_lock.acquire(directory)  # before reading the catalog: its files cannot be deleted from now on
        # Journal first: a file that is sealed in between is in both, and is dropped from the journal below.
        opened = _open_parts(directory)
        current = rebuilt or catalog.read(directory)
        unsealed = [part for part in opened if part.number > current.cluster(part.cluster).sealed]
        _check_previous_files(unsealed, current)
        return cls(current, unsealed, lock)

    def with_list(self, cluster: str, lines: bytes) -> Snapshot:
        """This snapshot plus the events that a cluster listed. Observations in both appear once.

        cluster: the label of the listed events. lines: one document per line.
        """
        return Snapshot(self._catalog, [*self._parts, ListPart(cluster, lines)], self)

    @property
    def files(self) -> Sequence[StoreFile]:
        """The segments."""
        return self._catalog.files

    @property
    def journal_files(self) -> Sequence[JournalPart]:
        """The journal files that are not sealed yet."""
        return [part for part in self._parts if isinstance(part, JournalPart)]

    @property
    def journal(self) -> Sequence[Part]:
        """All parts that are not in a segment yet."""
        return self._parts

    def fresh(self, now: datetime) -> Fresh | None:
        """The observations that are not in a segment yet; None if there are none. now: defines the range of times."""
        if not self._parts:
            return None
        if now not in self._fresh:
            from kevents.store.fresh import fresh

            self._fresh[now] = fresh(self._parts, self.files, now)
        return self._fresh[now]

    def newest(self, now: datetime) -> datetime | None:
        """The latest last_seen of all observations, without times out of range."""
        times = [file.max_last_seen for file in self.files if file.day and file.max_last_seen]
        sealed = max((time for time in times if time <= now + _MAX_CLOCK_SKEW), default=None)
        fresh = self.fresh(now)
        return max((time for time in (sealed, fresh and fresh.newest) if time), default=None)

    @cached_property
    def coverage(self) -> Mapping[str, tuple[Span, ...]]:
        """The coverage by cluster."""
        totals = {name: ControlLineTotals(spans=[*state.coverage]) for name, state in self._catalog.clusters.items()}
        for part in self._parts:
            totals.setdefault(part.cluster, ControlLineTotals()).add(control_lines_in(part.read()))
        return {cluster: merged(totals[cluster].spans) for cluster in sorted(totals)}


def _check_previous_files(parts: Iterable[JournalPart], catalog: Catalog) -> None:
    """Mark each part whose previous file is missing or too short, unless that is already sealed."""
    sizes = {(part.cluster, part.number): part.size for part in parts}
    for part in parts:
        previous = part.previous
        if not previous or previous.number <= catalog.cluster(part.cluster).sealed:
            continue
        name = "/".join(journal_file(part.path.parent, previous.number).parts[-3:])
        size = sizes.get((part.cluster, previous.number))
        if size is None:
            part.previous_file_damage = f"{name} is missing"
        elif size < previous.size:
            part.previous_file_damage = f"{name} has {size:,} of {previous.size:,} bytes"


def _open_parts(directory: Path) -> list[JournalPart]:
    parts = []
    for journal in journal_directories(directory):
        for number, path in journal_files(journal).items():
            try:
                parts.append(JournalPart(path, number))
            except FileNotFoundError:  # sealed and deleted since it was listed
                continue
            except OSError as error:
                raise StoreError(f"cannot read {path}: {error.strerror}") from error
    return parts
