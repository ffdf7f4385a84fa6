"""Sealing: full journal files become segments. `python -m kevents.store.recording.seal STORE CLUSTER NEWEST`.

Observations, coverage and checkpoints of the files, and the number of the last sealed file enter the catalog in one
atomic step. A kill before it changes nothing; a kill after it leaves journal files that are no longer read.
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
from kevents.store.journal.checksums import JournalContent, parse
from kevents.store.journal.control_lines import ControlLineTotals
from kevents.store.journal.decode import UNREADABLE, tables
from kevents.store.journal.files import control_lines_in, journal_directory, journal_files
from kevents.store.quarantine import copy_to_quarantine, move_to_quarantine
from kevents.store.segments.ingest_batch import IngestBatch
from kevents.store.store import Store
from kevents.worker_process import run

_BATCH_BYTES = 256 << 20  # of journal files that are sealed together
DAMAGED = "lines of the journal that were damaged on disk"
_NICENESS = 5  # lower priority than the recorder


class SealStep(StrEnum):
    """The steps at which tests kill sealing, in order."""

    LOCKED = "locked"  # before any change
    READ = "read"  # observations are in memory and in the staging directory
    STAGED = "staged"  # all segments are written
    MOVED = "moved"  # segments are in their directories, but not in the catalog
    PUBLISHED = "published"  # segments are in the catalog; the journal files still exist
    REMOVED = "removed"  # the first journal file is deleted
    DONE = "done"


OnSealStep = Callable[[SealStep], None]


def seal(store: Store, cluster: str, newest: int, now: datetime, on_step: OnSealStep = lambda _: None) -> Counter[int]:
    """Seal the journal files of the cluster up to this number. Waits for other writers.

    Returns how many new observations each file added to the store, by file number.
    """
    directory = journal_directory(store.directory, cluster)
    added: Counter[int] = Counter()
    with store.writing(lambda _: None):
        on_step(SealStep.LOCKED)
        sealed = store.catalog().cluster(cluster).sealed
        files = {number: path for number, path in journal_files(directory).items() if number <= newest}
        for batch in _batches({number: path for number, path in files.items() if number > sealed}):
            added += _Batch(store, cluster, now, batch).seal(on_step)
    for path in files.values():
        with suppress(OSError):  # sealed files are not read, and the next writer deletes them
            disk.remove(path)
        on_step(SealStep.REMOVED)
    disk.sync_directory(directory)
    on_step(SealStep.DONE)
    return added


def _batches(files: dict[int, Path]) -> Iterator[dict[int, Path]]:
    batch: dict[int, Path] = {}
    size = 0
    for number, path in files.items():
        batch[number] = path
        size += 0 if disk.kind_of(path) else disk.size(path)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = {}, 0
    if batch:
        yield batch


@dataclass
class _Batch:
    """Journal files that are sealed together."""

    store: Store
    cluster: str
    now: datetime
    files: dict[int, Path]
    totals: ControlLineTotals = field(default_factory=ControlLineTotals)
    ingest: IngestBatch | None = None  # created with the first document: most files of a quiet cluster have none

    def seal(self, on_step: OnSealStep) -> Counter[int]:
        try:
            for number, path in self.files.items():
                self._read(number, path)
            on_step(SealStep.READ)
            staged = self.ingest.finish() if self.ingest else []
        except (duck.Error, OSError) as error:
            if self.ingest:
                raise self.ingest.write_error(error) from error
            raise StoreError(f"cannot read the journal of {self.cluster}: {error}") from error
        finally:
            if self.ingest:
                self.ingest.close()
        on_step(SealStep.STAGED)
        segments = self.store.move(staged)
        on_step(SealStep.MOVED)
        totals = self.totals
        before = self.store.catalog().cluster(self.cluster)
        after = before.with_sealed(max(self.files), totals.checkpoints, totals.spans, totals.counts)
        self.store.commit(segments, {self.cluster: after})
        on_step(SealStep.PUBLISHED)
        return Counter({number: counts.new for number, counts in self.ingest.counts.items()} if self.ingest else {})

    def _read(self, number: int, path: Path) -> None:
        if disk.kind_of(path):
            move_to_quarantine(self.store.directory, path)
            return
        content = parse(disk.read(path))
        if content.damaged:
            copy_to_quarantine(self.store.directory, path)
            self.totals.counts[DAMAGED] += content.lost
            self.totals.spans += _lost_spans(content, path)
        lines = control_lines_in(content.lines)
        self.totals.add(lines)
        if content.lines.count(b"\n") == len(lines):
            return
        self.ingest = self.ingest or IngestBatch(self.store.files(), self.store.staging, self.cluster, self.now)
        for table, unreadable in tables(content.lines):
            if unreadable:
                self.totals.counts[UNREADABLE] += unreadable
            if len(table):
                self.ingest.add(table, number)


def _lost_spans(content: JournalContent, path: Path) -> list[Span]:
    """The coverage of damaged lines, as far as their time is known."""
    cause = f"{content.lost:,} lines of the journal were damaged on disk"
    return [Span(span.scope, State.LOST, span.start, span.end, cause, detail=path.name) for span in content.lost_spans]


def main(arguments: list[str]) -> int:
    """Run as a worker process: arguments are the store, the cluster and the newest file number.

    Prints the result of `seal` as JSON.
    """
    directory, cluster, newest = arguments

    def work() -> str:
        return json.dumps(seal(Store(Path(directory)), cluster, int(newest), clock.now()))

    return run(work, _NICENESS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
