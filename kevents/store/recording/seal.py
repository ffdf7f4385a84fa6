"""Full journal files → segments, as `python -m kevents.store.recording.seal STORE CLUSTER NEWEST` beside a recorder.

What the files tell (observations, coverage, checkpoints) and that they are sealed enters the store with one rename of
the catalog. Killed before it, nothing has happened; killed behind it, only files are left that nobody reads any more.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from kevents import clock, duck
from kevents.errors import StoreError
from kevents.store import disk
from kevents.store.coverage import Span, State
from kevents.store.journal.checksums import Taken, taken
from kevents.store.journal.control_lines import ControlLineTotals
from kevents.store.journal.decode import UNREADABLE, tables
from kevents.store.journal.files import journal_directory, note_lines, numbered
from kevents.store.quarantine import copy_aside
from kevents.store.segments.ingest_batch import IngestBatch
from kevents.store.store import Store
from kevents.worker_process import run

_TOGETHER = 256 << 20  # bytes of journal that enter the store at once
DAMAGED = "lines of the journal that were damaged on disk"
_NICE = 5  # the recorder goes first


class Step(StrEnum):
    """Where a sealing can be killed, in order."""

    LOCKED = "locked"  # nothing is done yet
    READ = "read"  # the observations wait in memory and in the staging directory
    STAGED = "staged"  # all segments are written
    MOVED = "moved"  # the segments are in their place, and not in the catalog
    PUBLISHED = "published"  # they are in the catalog; the journal files are still there
    REMOVED = "removed"  # the first of the journal files is gone
    DONE = "done"


Reached = Callable[[Step], None]


def seal(store: Store, cluster: str, newest: int, now: datetime, reached: Reached = lambda _: None) -> Counter[int]:
    """Seal the journal files of the cluster up to the newest of that number; waits for other writers to end.

    Returns how many new observations each file added to the store, by its number.
    """
    directory = journal_directory(store.directory, cluster)
    added: Counter[int] = Counter()
    with store.writing(lambda _: None):
        reached(Step.LOCKED)
        sealed = store.catalog().of(cluster).sealed
        files = {number: path for number, path in numbered(directory).items() if number <= newest}
        for lot in _lots({number: path for number, path in files.items() if number > sealed}):
            added += _Lot(store, cluster, now, lot).seal(reached)
    for path in files.values():
        with suppress(OSError):  # it does not count any more, and goes next time
            disk.remove(path)
        reached(Step.REMOVED)
    disk.sync_directory(directory)
    reached(Step.DONE)
    return added


def _lots(files: dict[int, Path]) -> Iterator[dict[int, Path]]:
    lot: dict[int, Path] = {}
    size = 0
    for number, path in files.items():
        lot[number] = path
        size += disk.size(path)
        if size >= _TOGETHER:
            yield lot
            lot, size = {}, 0
    if lot:
        yield lot


@dataclass
class _Lot:
    """Journal files that enter the store together."""

    store: Store
    cluster: str
    now: datetime
    files: dict[int, Path]
    told: ControlLineTotals = field(default_factory=ControlLineTotals)
    intake: IngestBatch | None = None  # made with the first document: most files of a quiet cluster hold none

    def seal(self, reached: Reached) -> Counter[int]:
        try:
            for number, path in self.files.items():
                self._read(number, path)
            reached(Step.READ)
            staged = self.intake.finish() if self.intake else []
        except (duck.Error, OSError) as error:
            if self.intake:
                raise self.intake.failure(error) from error
            raise StoreError(f"the journal of {self.cluster} cannot be read: {error}") from error
        finally:
            if self.intake:
                self.intake.close()
        reached(Step.STAGED)
        segments = self.store.move(staged)
        reached(Step.MOVED)
        known = (
            self.store.catalog()
            .of(self.cluster)
            .sealing(max(self.files), self.told.checkpoints, self.told.spans, self.told.counts)
        )
        self.store.enter(segments, {self.cluster: known})
        reached(Step.PUBLISHED)
        return Counter({number: counts.new for number, counts in self.intake.counts.items()} if self.intake else {})

    def _read(self, number: int, path: Path) -> None:
        found = taken(disk.read(path))
        data = found.lines
        if found.damage:
            copy_aside(self.store.directory, path)
            self.told.counts[DAMAGED] += found.lost
            self.told.spans += lost_of(found, path)
        lines = note_lines(data)
        self.told.add(lines)
        if data.count(b"\n") == len(lines):
            return
        self.intake = self.intake or IngestBatch(self.store.files(), self.store.staging, self.cluster, self.now)
        for table, unreadable in tables(data):
            if unreadable:
                self.told.counts[UNREADABLE] += unreadable
            if len(table):
                self.intake.add(table, number)


def lost_of(found: Taken, path: Path) -> list[Span]:
    """What the coverage says of damaged lines, as far as they tell of which time they are."""
    cause = f"{found.lost:,} lines of the journal were damaged on disk"
    return [Span(span.scope, State.LOST, span.start, span.end, cause, detail=path.name) for span in found.spans]


def main(arguments: list[str]) -> int:
    """Seal as the arguments say, and print how many new observations each file added, as JSON."""
    directory, cluster, newest = arguments

    def work() -> str:
        return json.dumps(seal(Store(Path(directory)), cluster, int(newest), clock.now()))

    return run(work, _NICE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
