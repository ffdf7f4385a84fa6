"""Writes an export to a file or to standard output, and reports what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.output import write as write_result
from kevents.cli.progress import Progress
from kevents.cli.request import Request
from kevents.export import parquet
from kevents.export.contents import ExportContents
from kevents.export.target import ExportFormat, Target, check, publish, size, staging_directory
from kevents.ingest.summary import span as time_range
from kevents.render import formats, units
from kevents.render.look import Look
from kevents.result import Result
from kevents.store.coverage import Span, State

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.cli.flags import FixedOrderFlags
    from kevents.cli.terminal import Terminal


def export_events(terminal: Terminal, flags: FixedOrderFlags, to: str, form: str | None, *, force: bool) -> None:
    """Export the events that the flags select. to: a path, or `-`; form: overrides the file extension."""
    target = Target.of(to, form)
    request = Request.of(terminal, flags)
    check(target, request.store.directory, force=force)
    if target.path is None:
        _write_to_stdout(request, target.format)
    else:
        _write_to_path(request, target.path, target.format)


def _write_to_stdout(request: Request, form: ExportFormat) -> None:
    documents = _choice(request).documents()
    write_result(_result(documents), replace(request.output, format=form.value), request.terminal)


def _write_to_path(request: Request, path: Path, form: ExportFormat) -> None:
    """Build the export in a staging directory and move it to its place; without events, write nothing."""
    with staging_directory(path) as staging:
        choice = _choice(request, staging)
        if not choice.observations:
            request.terminal.note("No events found: nothing was written.")
            return
        built = staging / path.name
        _build(choice, form, built, request)
        sentence = f"Wrote {path}: {_amount(choice)}, {units.size(size(built))}."
        publish(built, path)
    request.terminal.note(sentence)
    for line in _coverage(choice, form, request.output.zone):
        request.terminal.note(line)


def _choice(request: Request, staging: Path | None = None) -> ExportContents:
    """What is exported: only from files whose checksums hold, however large they are."""
    engine = request.store.thorough_engine(request.selection, request.output.now, staging)
    return ExportContents(engine, request.store.snapshot.coverage)


def _build(choice: ExportContents, form: ExportFormat, built: Path, request: Request) -> None:
    with Progress(request.terminal, choice.observations, "{:,} observations".format) as progress:
        progress.update(0, doing="exporting")
        match form:
            case ExportFormat.STORE:
                parquet.write_store(choice, built, progress.update)
            case ExportFormat.PARQUET:
                parquet.write_file(choice, built)
            case ExportFormat.JSON | ExportFormat.JSONL:
                _write_text(choice, form, built, progress)


def _write_text(choice: ExportContents, form: ExportFormat, built: Path, progress: Progress) -> None:
    rows = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal rows
        for batch in choice.documents():
            yield batch
            rows += batch.num_rows
            progress.update(rows, doing="exporting")

    with built.open("xb") as file:
        for chunk in formats.find(form.value).chunks(_result(counted()), Look(choice.engine.now)):
            file.write(chunk.encode() if isinstance(chunk, str) else chunk)
    parquet.check(choice, rows)


def _result(documents: Iterator[pa.RecordBatch]) -> Result:
    return Result((), documents, document="document")


def _amount(choice: ExportContents) -> str:
    observations = "1 observation" if choice.observations == 1 else f"{choice.observations:,} observations"
    events = "1 event" if choice.events == 1 else f"{choice.events:,} events"
    return f"{observations} of {events} of {', '.join(choice.clusters)}"


def _coverage(choice: ExportContents, form: ExportFormat, zone: tzinfo) -> Iterator[str]:
    """The time range of the export, and whether it is all that happened then."""
    if choice.span:
        yield f"Last seen {time_range(*choice.span, zone)}."
    if form in (ExportFormat.JSON, ExportFormat.JSONL):
        yield "Coverage information is only included in Parquet exports."
        return
    for cluster in choice.clusters:
        yield _of_cluster(cluster, choice.coverage.get(cluster, ()), zone, is_whole=choice.scope.is_complete)


def _of_cluster(cluster: str, spans: tuple[Span, ...], zone: tzinfo, *, is_whole: bool) -> str:
    if not is_whole:
        return f'Cluster "{cluster}" was filtered, so the export contains no coverage information.'
    recorded = [span for span in spans if span.state is State.WATCHED]
    if not recorded:
        return f'Cluster "{cluster}" was imported from dumps, not recorded live.'
    first, last = min(span.start for span in recorded), max(span.end for span in recorded)
    gaps = sum(1 for span in spans if span.state is State.GAP)
    with_gaps = f", with {gaps:,} {'gap' if gaps == 1 else 'gaps'}" if gaps else ""
    return f'Cluster "{cluster}" was recorded {time_range(first, last, zone)}{with_gaps}.'
