"""Imports event dumps into the store, and reports what was read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.cluster import stop_on_signals
from kevents.cli.output import output_of, write, zone_of
from kevents.cli.progress import Progress
from kevents.errors import SourceError
from kevents.event.redaction import Redaction, Redactor
from kevents.ingest import importer
from kevents.ingest.inputs import inputs
from kevents.ingest.stream_import import StreamInput, import_stream
from kevents.ingest.summary import problem_text, summary
from kevents.source.input.paths import STDIN
from kevents.source.input.pipe import PipeReader, is_pipe
from kevents.store.filesystem import lock_warning
from kevents.store.paths import partition, store_directory
from kevents.store.store import Store

if TYPE_CHECKING:
    from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
    from kevents.cli.terminal import Terminal
    from kevents.ingest.importer import Options, ProgressCallback
    from kevents.ingest.summary import ImportReport

_MOST_PROBLEMS = 5  # of one file; of more, only the number is shown


def import_dumps(
    terminal: Terminal,
    paths: Sequence[str],
    cluster: str,
    redact: str | None,
    output_flags: OutputFlags,
    zone_flags: ZoneFlags,
    store: StoreFlags,
    *,
    dry_run: bool,
) -> None:
    """Import the paths and write a summary; raises SourceError if anything could not be read.

    cluster: the label of events that do not name their cluster. redact: a regular expression.
    """
    now, zone = clock.now(), zone_of(zone_flags)
    output = output_of(output_flags, terminal, now, zone, time="absolute")
    partition(cluster, None)  # refuse an invalid label before reading anything
    options = importer.Options(cluster, now, Redactor(redact) if redact else None)
    target = Store(store_directory(store.store, terminal.env))
    if not dry_run and (warning := lock_warning(target.directory)):
        terminal.warn(warning)
    sources = inputs(paths, terminal.stdin.buffer)
    with Progress(terminal, _size(paths)) as progress:
        watch = _watch(progress)
        if list(paths) == [STDIN] and not dry_run and is_pipe(terminal.stdin):
            report = _import_pipe(target, options, redact, terminal, watch)
        elif dry_run:
            report = importer.preview_import(target, sources, options, watch)
        else:
            report = importer.import_into(target, sources, options, terminal.warn, watch)
    write(summary(report, zone), output, terminal)
    _report_problems(report, terminal, dry_run=dry_run)


def _watch(progress: Progress) -> ProgressCallback:
    def watch(done_bytes: int, events: int, name: str = "") -> None:
        noun = "event" if events == 1 else "events"
        progress.update(done_bytes, detail=f"{events:,} {noun}  {progress.rate(events)}  {name}".rstrip())

    return watch


def _import_pipe(
    target: Store, options: Options, redact: str | None, terminal: Terminal, watch: ProgressCallback
) -> ImportReport:
    """Import a pipe until it ends or the user stops it. Events of a stream are stored in both cases."""
    stopping: list[bool] = []
    with stop_on_signals(lambda: stopping.append(True)):
        piped = PipeReader(terminal.stdin.fileno(), lambda: bool(stopping))
        stream = StreamInput(piped, Redaction(redact) if redact else None, clock.now)
        return import_stream(target, stream, options, terminal.warn, watch)


def _size(paths: Sequence[str]) -> int | None:
    """The bytes to read, if every path is a file."""
    try:
        files = [Path(path) for path in paths]
        return sum(file.stat().st_size for file in files) if all(file.is_file() for file in files) else None
    except (OSError, ValueError):  # reported when it is opened
        return None


def _report_problems(report: ImportReport, terminal: Terminal, *, dry_run: bool) -> None:
    """Report what could not be read. Raises SourceError if there is anything, or if there were no events at all."""
    if dry_run:
        terminal.note("Dry run: nothing was written.")
    total = report.total()
    if len(report.files) == 1 and len(report.files[0].problems) == 1:
        (tally,) = report.files
        rest = f"The rest was imported: {tally.read:,} events." if tally.read else None
        raise SourceError(f"{tally.name}: {problem_text(tally.problems[0])}", hint=rest)
    for tally in report.failed:
        for problem in tally.problems[:_MOST_PROBLEMS]:
            terminal.warn(f"{tally.name}: {problem_text(problem)}")
        if len(tally.problems) > _MOST_PROBLEMS:
            terminal.warn(f"{tally.name}: and {len(tally.problems) - _MOST_PROBLEMS:,} more problems")
    if report.failed:
        raise SourceError(
            f"{len(report.failed):,} of {len(report.files):,} files could not be read completely",
            hint=f"The rest was imported: {total.read:,} events." if total.read else None,
        )
    if not total.read and not all(tally.is_empty for tally in report.files):
        files = "1 file" if len(report.files) == 1 else f"{len(report.files):,} files"
        raise SourceError(
            f"no events found in {files} (only {total.note or 'white space'})",
            hint="A dump is the output of `kubectl get events -A -o json`.",
        )
