"""The import of files: all of a file or none of it, whatever happens; the good part of a broken one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kevents import duck
from kevents.errors import SourceError
from kevents.ingest.inputs import Input, pieces
from kevents.ingest.parquet_input import Covered, StoredRows
from kevents.ingest.pipeline import Pipeline, pipeline
from kevents.ingest.summary import FileTally, ImportReport
from kevents.source.dump.pieces import Block, Document, Problem, Skipped
from kevents.store.segments.ingest_batch import IngestBatch

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.ingest.pipeline import Decoded
    from kevents.source.input.streams import Counted
    from kevents.store.catalog import StoreFile
    from kevents.store.store import Store

_DOCUMENTS = 2_000  # decoded together
_PUBLISH = 100_000  # observations: small files are published together, so that a directory of them makes few segments


@dataclass(frozen=True)
class Options:
    """How to import. cluster: the label of events whose dump names none; rewrite: redaction."""

    cluster: str
    now: datetime
    rewrite: Callable[[pa.Table], pa.Table] | None = None


Watch = Callable[[int, int, str], None]  # bytes and events so far, and the file being read


def import_into(
    store: Store, inputs: Iterable[Input], options: Options, waiting: Callable[[str], None], watch: Watch
) -> ImportReport:
    """Import the inputs into the store; `waiting` is told when another writer has to end first."""

    def publish(staged: list[StoreFile]) -> list[StoreFile]:
        store.publish(staged, intake.coverage())
        return store.files()

    with store.writing(waiting):
        intake = IngestBatch(store.files(), store.staging, options.cluster, options.now)
        return _Import(intake, publish, options, watch).run(inputs)


def try_import(store: Store, inputs: Iterable[Input], options: Options, watch: Watch) -> ImportReport:
    """What importing the inputs would do; nothing is written but a scratch directory, which goes again."""
    with TemporaryDirectory(prefix="kevents-") as scratch:
        snapshot = store.snapshot()  # kept, so that no file goes while it is read
        known = list(snapshot.files)
        intake = IngestBatch(known, Path(scratch), options.cluster, options.now)

        def publish(staged: list[StoreFile]) -> list[StoreFile]:
            known.extend(staged)
            return known

        return _Import(intake, publish, options, watch).run(inputs)


class _Import:
    def __init__(
        self,
        intake: IngestBatch,
        publish: Callable[[list[StoreFile]], list[StoreFile]],
        options: Options,
        watch: Watch,
    ) -> None:
        self._intake = intake
        self._publish = publish
        self._options = options
        self._watch = watch
        self._report = ImportReport()
        self._events = 0
        self._origin: Counted | None = None  # the file on disk that is being read
        self._before = 0  # bytes of those before it

    def run(self, inputs: Iterable[Input]) -> ImportReport:
        try:
            with pipeline(self._store, self._options.rewrite) as running:
                for source in inputs:
                    self._read(source, running)
                    if self._intake.pending >= _PUBLISH:
                        self._commit(running)
                self._commit(running)
        except (duck.Error, OSError) as error:  # inputs that cannot be read are problems, not errors
            raise self._intake.write_error(error) from error
        finally:
            self._intake.close()
        self._finish_tallies()
        return self._report

    def _read(self, source: Input, running: Pipeline) -> None:
        number = len(self._report.files)
        tally = FileTally(source.name, source.explicit)
        self._report.files.append(tally)
        if source.skip:
            tally.skipped[source.skip] += 1
            return
        documents: list[Document] = []
        try:
            for piece in pieces(source, self._options.now):
                match piece:
                    case Block() | StoredRows():
                        running.feed(piece, number)
                    case Document():
                        documents.append(piece)
                        if len(documents) == _DOCUMENTS:
                            running.feed(documents, number)
                            documents = []
                    case Skipped(reason, count):
                        tally.skipped[reason] += count
                    case Problem():
                        tally.problems.append(piece)
                    case Covered(coverage):
                        self._intake.add_coverage(coverage, number)
                self._look(source)
        except SourceError as error:
            tally.problems.append(Problem(str(error), None, None))
        if documents:
            running.feed(documents, number)
        self._look(source)

    def _look(self, source: Input) -> None:
        if source.origin is not self._origin:
            self._before += self._origin.count if self._origin else 0
            self._origin = source.origin
        self._watch(self._before + source.consumed, self._events, source.name)

    def _store(self, decoded: Decoded, file: int) -> None:
        """Called from the pipeline's thread, one piece after the other."""
        tally = self._report.files[file]
        tally.skipped += decoded.skipped
        tally.problems += decoded.problems
        if decoded.is_stored:
            tally.refused += self._intake.add_rows(decoded.table, file)
        elif len(decoded.table):
            self._intake.add(decoded.table, file)
        self._events += len(decoded.table)

    def _commit(self, running: Pipeline) -> None:
        running.drain()
        staged = self._intake.finish()
        if staged:
            self._intake.use_files(self._publish(staged))

    def _finish_tallies(self) -> None:
        for number, counts in self._intake.counts.items():
            tally = self._report.files[number]
            tally.read, tally.new, tally.clusters = counts.read, counts.new, counts.clusters
            tally.first, tally.last = counts.first, counts.last
        for tally in self._report.files:
            if tally.refused:
                rows = (
                    "1 row is no observation" if tally.refused == 1 else f"{tally.refused:,} rows are no observations"
                )
                tally.problems.append(Problem(f"{rows}: no event has such times, counts or JSON", None, None))
            _judge(tally)


def _judge(tally: FileTally) -> None:
    """Zero events are a failure of a file that was named, unless it is an empty list; of one that was found, if broken.

    A directory or an archive holds much that is no dump of events, and that is no failure.
    """
    if not tally.explicit:
        foreign = [problem for problem in tally.problems if problem.is_other_format]
        if foreign:
            tally.skipped["files of another kind"] += 1
        tally.problems = [problem for problem in tally.problems if not problem.is_other_format]
    elif not (tally.read or tally.problems or tally.is_empty):
        tally.problems.append(Problem(f"there are no events in it, only {tally.note or 'white space'}", None, None))
