"""`kevents import`: any event dump into the store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags, takes_flags
from kevents.cli.program import terminal_of
from kevents.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kevents.cli.console import Progress, Terminal
    from kevents.ingest.importer import Options
    from kevents.ingest.summary import ImportReport
    from kevents.store.store import Store

_NAMED = 5  # problems of one file that are told one by one

HELP = """Import event dumps: files, folders, archives or - for stdin.

It reads what kubectl, support bundles, must-gathers, exporters and log collectors write, packed or not; and other
stores, as a folder or as what `kevents store export` makes of them, exactly as they are. An event that the store has
is not taken again, in whatever shape it comes. What cannot be read is named with its place and the
reason, everything else is kept, and the exit status is 3.

\b
    kubectl get events -A -o json | kevents import -
    kevents import dump.json support-bundle.tgz must-gather/
    kevents import slice.parquet
    kevents import --cluster prod --dry-run events.jsonl.gz
"""


def register(app: typer.Typer) -> None:
    app.command("import", help=HELP)(takes_flags(import_))


def import_(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, archives, or -.")],
    *,
    cluster: Annotated[
        str, typer.Option(metavar="NAME", help="The cluster's label, where a dump does not name its own.")
    ] = "default",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be new; write nothing.")] = False,
    redact: Annotated[
        str | None,
        typer.Option(metavar="REGEX", help="Replace what matches in messages and in other free text, before storing."),
    ] = None,
    output: OutputFlags,
    clock: ZoneFlags,
    store: StoreFlags,
) -> None:
    from dataclasses import replace

    from kevents import clock as clocks
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.console import Progress
    from kevents.cli.output import write
    from kevents.event.redaction import Redactor
    from kevents.ingest import importer
    from kevents.ingest import inputs as sources
    from kevents.ingest.summary import summary
    from kevents.source.input.paths import STDIN
    from kevents.source.input.pipe import is_pipe
    from kevents.store.filesystem import doubt
    from kevents.store.paths import locate, partition
    from kevents.store.store import Store

    terminal = terminal_of(context)
    now, zone = clocks.now(), zone_of(clock)
    written = replace(output_of(output, now, zone), time=output.time or "absolute")
    written.check(terminal)
    partition(cluster, None)  # a label that cannot be a folder's name is refused before anything is read
    options = importer.Options(cluster, now, Redactor(redact) if redact else None)
    target = Store(locate(store.store, terminal.env))
    if not dry_run and (doubted := doubt(target.folder)):
        terminal.warn(doubted)
    inputs = sources.inputs(paths, sys.stdin.buffer)
    progress = Progress(terminal, _size(paths))
    try:
        if paths == [STDIN] and not dry_run and is_pipe(sys.stdin):
            report = _piped(target, options, redact, terminal, progress)
        elif dry_run:
            report = importer.try_import(target, inputs, options, progress.update)
        else:
            report = importer.import_into(target, inputs, options, terminal.warn, progress.update)
    finally:
        progress.close()
    write(summary(report, zone), written, terminal)
    _judge(report, terminal, dry_run=dry_run)


def _piped(target: Store, options: Options, redact: str | None, terminal: Terminal, progress: Progress) -> ImportReport:
    """Take a pipe until it ends or somebody asks to stop; what came of a stream of events is stored in any case."""
    from kevents import clock
    from kevents.cli.live import stops
    from kevents.event.redaction import Redaction
    from kevents.ingest.stream_import import Pipe, import_piped
    from kevents.source.input.pipe import Piped

    stopping: list[bool] = []
    with stops(lambda: stopping.append(True)):
        piped = Piped(sys.stdin.fileno(), lambda: bool(stopping))
        pipe = Pipe(piped, Redaction(redact) if redact else None, clock.now)
        return import_piped(target, pipe, options, terminal.warn, progress.update)


def _size(paths: Sequence[str]) -> int | None:
    """Bytes to read, where every path is a file."""
    try:
        files = [Path(path) for path in paths]
        return sum(file.stat().st_size for file in files) if all(file.is_file() for file in files) else None
    except (OSError, ValueError):  # told when it is opened
        return None


def _judge(report: ImportReport, terminal: Terminal, *, dry_run: bool) -> None:
    """Name what could not be read; if there is anything, or nothing was found at all, that is a SourceError."""
    from kevents.ingest.summary import told

    if dry_run:
        terminal.note("Nothing was written: this was a dry run.")
    total = report.total()
    if len(report.files) == 1 and len(report.files[0].problems) == 1:
        (only,) = report.files
        kept = f"All else in it was read: {only.read:,} events." if only.read else None
        raise SourceError(f"{only.name}: {told(only.problems[0])}", hint=kept)
    for tally in report.failed:
        for problem in tally.problems[:_NAMED]:
            terminal.warn(f"{tally.name}: {told(problem)}")
        if len(tally.problems) > _NAMED:
            terminal.warn(f"{tally.name}: and {len(tally.problems) - _NAMED:,} more problems")
    if report.failed:
        raise SourceError(
            f"{len(report.failed):,} of {len(report.files):,} files could not be read to the end",
            hint=f"All else was read: {total.read:,} events." if total.read else None,
        )
    if not total.read and not all(tally.is_empty for tally in report.files):
        raise SourceError(
            f"there are no events in {len(report.files):,} files, only {total.note or 'white space'}",
            hint="A dump is what `kubectl get events -A -o json` prints.",
        )
