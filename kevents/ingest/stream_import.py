"""The import of a pipe that goes on: the first piece as a dump, what comes after it as a recorder would take it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from kevents.event.redaction import Redaction
from kevents.ingest.importer import Options, Watch, import_into
from kevents.ingest.summary import FileTally, ImportReport
from kevents.source.dump import reader
from kevents.source.dump.pieces import Block, Document, Piece, Problem, Skipped
from kevents.source.input.paths import STDIN, file_inputs
from kevents.source.input.pipe import PipeReader
from kevents.store.recording.journal import Journal
from kevents.store.store import Store


@dataclass(frozen=True)
class Pipe:
    """How a pipe is taken. redact: the pattern's redaction, applied before anything is written."""

    piped: PipeReader
    redact: Redaction | None
    now: Callable[[], datetime]


def import_piped(
    store: Store, pipe: Pipe, options: Options, waiting: Callable[[str], None], watch: Watch
) -> ImportReport:
    """Import a pipe, publishing as it comes; a pipe that is one dump is imported as a file is."""
    pieces = pipe.piped.pieces()
    first = next(pieces)
    report = import_into(store, file_inputs([STDIN], first), options, waiting, watch)  # type: ignore[arg-type]
    if pipe.piped.is_over:
        return report
    before = _rows(store)
    with ExitStack() as stack:
        rest = _Rest(store, pipe, options.cluster, report.files[-1], stack)
        for piece in pieces:
            rest.take(reader.read(piece), pipe.piped.line - 1)
            watch(0, rest.tally.read, "standard input")
    rest.tally.new += _rows(store) - before
    return report


def _rows(store: Store) -> int:
    return sum(file.rows for file in store.files())


class _Rest:
    """Writes documents into the journals of their clusters, and sums up what they are."""

    def __init__(self, store: Store, pipe: Pipe, cluster: str, tally: FileTally, stack: ExitStack) -> None:
        self.tally = tally
        self._store, self._pipe, self._cluster, self._stack = store, pipe, cluster, stack
        self._journals: dict[str, Journal] = {}

    def take(self, pieces: Iterable[Piece], lines: int) -> None:
        """Store what a piece of the pipe holds. lines: how many the input had before it."""
        self._write(pieces, lines)
        for journal in self._journals.values():
            journal.sync()

    def _write(self, pieces: Iterable[Piece], lines: int) -> None:
        for piece in pieces:
            match piece:
                case Document(event=event, cluster=cluster):
                    document = json.dumps(event, ensure_ascii=False, default=str).encode("utf-8", "replace")
                    redact = self._pipe.redact
                    self._journal(cluster or self._cluster).write([redact.document(document) if redact else document])
                    self.tally.read += 1
                    self.tally.clusters.add(cluster or self._cluster)
                case Block():
                    self._write(reader.documents(piece), lines)
                case Skipped(reason, count) if not reason.startswith("empty "):  # the pipe ended between two pieces
                    self.tally.skipped[reason] += count
                case Problem(line=int(line)):
                    self.tally.problems.append(replace(piece, line=line + lines))
                case Problem():
                    self.tally.problems.append(piece)

    def _journal(self, cluster: str) -> Journal:
        if cluster not in self._journals:
            journal = Journal.open(self._store, cluster, self._pipe.now)
            self._stack.callback(journal.close)
            self._journals[cluster] = journal
        return self._journals[cluster]
