"""An export on its way to a file or to standard output, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.asking import Asking
from kevents.cli.console import Line
from kevents.cli.output import write as write_result
from kevents.export import parquet
from kevents.export.choice import Choice
from kevents.export.target import Form, bring, size, workshop
from kevents.ingest.summary import span as in_words
from kevents.render import formats, units
from kevents.render.look import Look
from kevents.result import Result
from kevents.store.coverage import Span, State

if TYPE_CHECKING:
    import pyarrow as pa


def show(asking: Asking, form: Form) -> None:
    """Write the Events on standard output."""
    documents = _choice(asking).documents()
    write_result(_result(documents), replace(asking.output, format=form.value), asking.terminal)


def write(asking: Asking, path: Path, form: Form) -> None:
    """Write what is chosen to its place, and say what it is; nothing where nothing is."""
    with workshop(path) as scratch:
        choice = _choice(asking, scratch)
        if not choice.observations:
            asking.terminal.note("No events found: nothing was written.")
            return
        built = scratch / path.name
        _build(choice, form, built, asking)
        told = f"Wrote {path}: {_amount(choice)}, {units.size(size(built))}."
        bring(built, path)
    asking.terminal.note(told)
    for sentence in _covered(choice, form, asking.output.zone):
        asking.terminal.note(sentence)


def _choice(asking: Asking, scratch: Path | None = None) -> Choice:
    """What the flags choose, of whole files only, however large they are: nobody is handed what is damaged."""
    engine = asking.store.thorough_engine(asking.selection, asking.output.now, scratch)
    return Choice(engine, asking.store.snapshot.coverage)


def _build(choice: Choice, form: Form, built: Path, asking: Asking) -> None:
    line = Line(asking.terminal)

    def watch(rows: int) -> None:
        line.show(lambda _: f"exporting: {rows:,} of {choice.observations:,} observations")

    try:
        watch(0)
        match form:
            case Form.STORE:
                parquet.write_store(choice, built, watch)
            case Form.PARQUET:
                parquet.write_file(choice, built)
            case Form.JSON | Form.JSONL:
                _write_text(choice, form, built, watch)
    finally:
        line.close()


def _write_text(choice: Choice, form: Form, built: Path, watch: Callable[[int], None]) -> None:
    rows = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal rows
        for batch in choice.documents():
            yield batch
            rows += batch.num_rows
            watch(rows)

    with built.open("xb") as file:
        for chunk in formats.find(form.value).chunks(_result(counted()), Look(choice.engine.now)):
            file.write(chunk.encode() if isinstance(chunk, str) else chunk)
    parquet.check(choice, rows)


def _result(documents: Iterator[pa.RecordBatch]) -> Result:
    return Result((), documents, document="document")


def _amount(choice: Choice) -> str:
    observations = "1 observation" if choice.observations == 1 else f"{choice.observations:,} observations"
    events = "1 event" if choice.events == 1 else f"{choice.events:,} events"
    return f"{observations} of {events} of {', '.join(choice.clusters)}"


def _covered(choice: Choice, form: Form, zone: tzinfo) -> Iterator[str]:
    """From when to when, and whether that is all that happened."""
    if choice.span:
        yield f"Last seen {in_words(*choice.span, zone)}."
    if form in (Form.JSON, Form.JSONL):
        yield "What was covered, and each gap, goes along in Parquet only."
        return
    for cluster in choice.clusters:
        spans = choice.coverage.get(cluster, ())
        yield _of_cluster(cluster, spans, zone, is_whole=choice.handed.is_whole)


def _of_cluster(cluster: str, spans: tuple[Span, ...], zone: tzinfo, *, is_whole: bool) -> str:
    watched = [span for span in spans if span.state is State.WATCHED]
    if not is_whole:
        return f"It is a choice of what happened in {cluster}, and claims no more."
    if not watched:
        return f"No recorder watched {cluster}: it is what dumps told."
    first, last = min(span.start for span in watched), max(span.end for span in watched)
    gaps = sum(1 for span in spans if span.state is State.GAP)
    but = f", but for {gaps:,} {'gap' if gaps == 1 else 'gaps'}" if gaps else ""
    return f"A recorder watched {cluster} {in_words(first, last, zone)}{but}."
