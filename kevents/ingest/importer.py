"""Import of files. A file is imported completely or not at all; of a damaged file, the readable part is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kevents import duck
from kevents.errors import SourceError
from kevents.ingest.cluster_labels import label_problem
from kevents.ingest.inputs import Input, pieces
from kevents.ingest.parquet_input import Covered, StoredRows
from kevents.ingest.pipeline import Documents, Notes, Pipeline, pipeline
from kevents.ingest.summary import FileTally, ImportReport
from kevents.source.dump.pieces import Block, Document, Problem, Skipped
from kevents.store.segments.ingest_batch import IngestBatch

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.ingest.pipeline import Decoded
    from kevents.source.input.streams import Counted
    from kevents.store.catalog import StoreFile
    from kevents.store.store import Store

_PUBLISH = 100_000  # observations published together, so that many small files don't become many small segments


@dataclass(frozen=True)
class Options:
    """Import options. cluster: the label of events whose dump doesn't name its cluster. rewrite: for redaction."""

    cluster: str
    now: datetime
    rewrite: Callable[[pa.Table], pa.Table] | None = None


ProgressCallback = Callable[[int, int, str], None]  # called with bytes and events read so far, and the current file
Publish = Callable[[list["StoreFile"]], list["StoreFile"]]  # publishes staged files; returns all files of the store


def import_into(
    store: Store,
    inputs: Iterable[Input],
    options: Options,
    on_wait: Callable[[str], None],
    on_progress: ProgressCallback,
) -> ImportReport:
    """Import the inputs into the store. on_wait: called with a message if another writer has to finish first."""

    def publish(staged: list[StoreFile]) -> list[StoreFile]:
        store.publish(staged, batch.coverage())
        return store.files()

    with store.writing(on_wait):
        batch = IngestBatch(store.files(), store.staging, options.cluster, options.now)
        return _Import(batch, publish, options, on_progress).run(inputs)


def preview_import(
    store: Store, inputs: Iterable[Input], options: Options, on_progress: ProgressCallback
) -> ImportReport:
    """Report what importing the inputs would do. Writes only to a temporary directory."""
    with TemporaryDirectory(prefix="kevents-") as scratch:
        snapshot = store.snapshot()  # kept in a variable, because its files may be deleted when it is released
        files = list(snapshot.files)
        batch = IngestBatch(files, Path(scratch), options.cluster, options.now)

        def publish(staged: list[StoreFile]) -> list[StoreFile]:
            files.extend(staged)
            return files

        return _Import(batch, publish, options, on_progress).run(inputs)


class _Import:
    """One import. Only the pipeline's store thread changes the tally of a file once a batch of the file was fed."""

    def __init__(self, batch: IngestBatch, publish: Publish, options: Options, on_progress: ProgressCallback) -> None:
        self._batch = batch
        self._publish = publish
        self._options = options
        self._on_progress = on_progress
        self._report = ImportReport()
        self._events = 0
        self._current: Counted | None = None  # the file on disk that is being read
        self._bytes_before = 0  # of the files on disk before it

    def run(self, inputs: Iterable[Input]) -> ImportReport:
        try:
            with pipeline(self._store, self._options.rewrite) as running:
                for source in inputs:
                    self._read(source, running)
                    if self._batch.pending >= _PUBLISH:
                        self._commit(running)
                self._commit(running)
        except (duck.Error, OSError) as error:  # from writing: an unreadable input is a Problem instead
            raise self._batch.write_error(error) from error
        finally:
            self._batch.close()
        self._finish_tallies()
        return self._report

    def _read(self, source: Input, running: Pipeline) -> None:
        number = len(self._report.files)
        self._report.files.append(FileTally(source.name, source.explicit))
        documents = Documents()
        notes = Notes()  # since the last batch
        has_batches = False
        try:
            for piece in pieces(source, self._options.now):
                match piece:
                    case Block() | StoredRows():
                        running.feed(piece, notes, number)
                        notes, has_batches = Notes(), True
                    case Document() if problem := label_problem(piece):
                        notes.add(problem)
                    case Document():
                        documents.add(piece)
                        if documents.is_full:
                            running.feed(documents, notes, number)
                            documents, notes, has_batches = Documents(), Notes(), True
                    case Skipped() | Problem():
                        notes.add(piece)
                    case Covered(coverage):
                        self._batch.add_coverage(coverage, number)
                self._show_progress(source)
        except SourceError as error:
            notes.add(Problem(str(error), None, None))
        if documents or (notes and has_batches):
            running.feed(documents, notes, number)
        elif notes:  # nothing to decode or store, as in most files of a must-gather
            self._add_notes(number, notes)
        self._show_progress(source)

    def _show_progress(self, source: Input) -> None:
        if source.origin is not self._current:
            self._bytes_before += self._current.count if self._current else 0
            self._current = source.origin
        self._on_progress(self._bytes_before + source.consumed, self._events, source.name)

    def _store(self, decoded: Decoded, file: int) -> None:
        """Called from the pipeline's store thread, for one batch at a time."""
        self._add_notes(file, decoded.notes)
        if decoded.is_stored:
            self._report.files[file].refused += self._batch.add_rows(decoded.table, file)
        elif len(decoded.table):
            self._batch.add(decoded.table, file)
        self._events += len(decoded.table)

    def _add_notes(self, file: int, notes: Notes) -> None:
        tally = self._report.files[file]
        tally.skipped += notes.skipped
        tally.problems += notes.problems

    def _commit(self, running: Pipeline) -> None:
        running.drain()
        staged = self._batch.finish()
        if staged:
            self._batch.use_files(self._publish(staged))

    def _finish_tallies(self) -> None:
        for number, counts in self._batch.counts.items():
            tally = self._report.files[number]
            tally.read, tally.new, tally.clusters = counts.read, counts.new, counts.clusters
            tally.first, tally.last = counts.first, counts.last
        for tally in self._report.files:
            if tally.refused:
                rows = "1 row is" if tally.refused == 1 else f"{tally.refused:,} rows are"
                reason = f"{rows} not a valid observation: impossible times, counts or JSON"
                tally.problems.append(Problem(reason, None, None))
            _judge_empty(tally)


def _judge_empty(tally: FileTally) -> None:
    """Decide whether a file without events is a problem.

    A file named on the command line must contain events or an empty list. A file found in a directory or an archive
    may well be something else; it is only a problem if it looks like a damaged dump.
    """
    if not tally.explicit:
        if any(problem.is_other_format for problem in tally.problems):
            tally.skipped["other files"] += 1
        tally.problems = [problem for problem in tally.problems if not problem.is_other_format]
    elif not (tally.read or tally.problems or tally.is_empty):
        tally.problems.append(Problem(f"no events found (only {tally.note or 'white space'})", None, None))
