"""Import of an endless pipe: the first piece like a dump, the rest through a journal as a recorder would write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from kevents.event.redaction import Redaction
from kevents.ingest.cluster_labels import label_problem
from kevents.ingest.importer import Options, ProgressCallback, import_into
from kevents.ingest.summary import FileTally, ImportReport
from kevents.source.dump import reader
from kevents.source.dump.pieces import Block, Document, Piece, Problem, Skipped
from kevents.source.input.paths import STDIN, file_inputs
from kevents.source.input.pipe import PipeReader
from kevents.store.recording.journal import Journal
from kevents.store.store import Store


@dataclass(frozen=True)
class StreamInput:
    """A pipe to import. redact: applied to each document before it is written."""

    piped: PipeReader
    redact: Redaction | None
    now: Callable[[], datetime]


def import_stream(
    store: Store,
    stream: StreamInput,
    options: Options,
    on_wait: Callable[[str], None],
    on_progress: ProgressCallback,
) -> ImportReport:
    """Import a pipe and publish its events as they arrive. If it contains a single dump, it is imported like a file."""
    pieces = stream.piped.pieces()
    first = next(pieces)
    report = import_into(store, file_inputs([STDIN], first), options, on_wait, on_progress)  # type: ignore[arg-type]
    if stream.piped.is_over:
        return report
    tally = report.files[-1]
    with _Journals(store, stream.now) as journals:
        writer = _StreamWriter(journals, stream, options.cluster, tally)
        for piece in pieces:
            writer.write(reader.read(piece), stream.piped.line - 1)
            on_progress(0, tally.read, "standard input")
    tally.new += journals.added
    return report


class _Journals(ExitStack):
    """The journals of several clusters. Closing them waits until everything is sealed, however long that takes."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._store, self._now = store, now
        self._journals: dict[str, Journal] = {}

    def of(self, cluster: str) -> Journal:
        """The journal of the cluster, opened if necessary."""
        if cluster not in self._journals:
            journal = Journal.open(self._store, cluster, self._now)
            self.callback(journal.close, seconds=None)
            self._journals[cluster] = journal
        return self._journals[cluster]

    def sync(self) -> None:
        for journal in self._journals.values():
            journal.sync()

    @property
    def added(self) -> int:
        """How many of the written documents were new to the store."""
        return sum(journal.added for journal in self._journals.values())


class _StreamWriter:
    """Writes documents to the journals of their clusters, and counts them."""

    def __init__(self, journals: _Journals, stream: StreamInput, cluster: str, tally: FileTally) -> None:
        self._journals, self._stream, self._cluster, self._tally = journals, stream, cluster, tally

    def write(self, pieces: Iterable[Piece], lines: int) -> None:
        """Store the contents of one piece of the pipe. lines: the number of lines before it."""
        self._write(pieces, lines)
        self._journals.sync()

    def _write(self, pieces: Iterable[Piece], lines: int) -> None:
        for piece in pieces:
            match piece:
                case Document() if problem := label_problem(piece):
                    self._tally.problems.append(replace(problem, line=piece.line + lines))
                case Document():
                    self._write_document(piece)
                case Block():
                    self._write(reader.documents(piece), lines)
                case Skipped(reason, count) if not reason.startswith("empty "):  # the pipe ended between two pieces
                    self._tally.skipped[reason] += count
                case Problem(line=int(line)):
                    self._tally.problems.append(replace(piece, line=line + lines))
                case Problem():
                    self._tally.problems.append(piece)

    def _write_document(self, document: Document) -> None:
        cluster = document.cluster or self._cluster
        text = json.dumps(document.event, ensure_ascii=False, default=str).encode("utf-8", "replace")
        redact = self._stream.redact
        self._journals.of(cluster).write([redact.document(text) if redact else text])
        self._tally.read += 1
        self._tally.clusters.add(cluster)
