"""Quarantines the damaged files of a store, and reports what was lost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.output import output_of, write, zone_of
from kevents.cli.progress import Progress
from kevents.report.findings import findings
from kevents.store.integrity.repair import RepairResult, repair
from kevents.store.integrity.verify import Remedy
from kevents.store.paths import store_directory
from kevents.store.rewrite.exchange import Callbacks
from kevents.store.store import Store

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
    from kevents.cli.terminal import Terminal
    from kevents.store.catalog import StoreFile


def repair_store(
    terminal: Terminal, output_flags: OutputFlags, zone_flags: ZoneFlags, flags: StoreFlags, *, dry_run: bool
) -> None:
    """Repair the store, and write a row per finding."""
    now, zone = clock.now(), zone_of(zone_flags)
    output = output_of(output_flags, terminal, now, zone, time="absolute")
    store = Store.open(store_directory(flags.store, terminal.env))
    with Progress(terminal) as progress:
        callbacks = Callbacks(terminal.warn, lambda doing, done, total: progress.update(done, total, doing))
        repaired = repair(store, now, callbacks, dry_run=dry_run)
    write(findings(repaired.findings, "Nothing to repair."), output, terminal)
    for sentence in _sentences(repaired, zone, dry_run=dry_run):
        terminal.note(sentence)


def _sentences(repaired: RepairResult, zone: tzinfo, *, dry_run: bool) -> Iterator[str]:
    if repaired.was_rebuilt:
        yield _of_catalog(repaired)
    by_cluster = sorted(repaired.lost, key=lambda file: file.cluster)
    for cluster, lost in groupby(by_cluster, key=lambda file: file.cluster):
        yield _of_cluster(cluster, list(lost), zone)
    for finding in repaired.findings:
        if finding.remedy is Remedy.SEAL and finding.rows:
            lines = f"{finding.rows:,} journal lines"
            yield f"Lost from cluster {finding.cluster}: {lines}{_span('of', finding.span, zone)}."
    if repaired.lost:
        yield "The files are in quarantine. Importing a dump that has these events brings them back."
    if dry_run and repaired.findings:
        yield "Dry run: nothing was changed."


def _of_catalog(repaired: RepairResult) -> str:
    source = "the files and its copy" if repaired.has_backup else "the files alone"
    loss = "" if repaired.has_backup else "; coverage and the resume points of recorders were lost"
    new = f"; checksums of {repaired.unverified:,} files were recomputed" if repaired.unverified else ""
    return f"The catalog was rebuilt from {source}{loss}{new}."


def _of_cluster(cluster: str, lost: list[StoreFile], zone: tzinfo) -> str:
    dated = [file for file in lost if file.day]
    first = min((file.min_last_seen for file in dated if file.min_last_seen), default=None)
    last = max((file.max_last_seen for file in dated if file.max_last_seen), default=None)
    noun = "file" if len(lost) == 1 else "files"
    span = _span("last seen", (first, last) if first and last else None, zone)
    rows = sum(file.rows for file in lost)
    return f"Lost from cluster {cluster}: {rows:,} observations in {len(lost):,} {noun}{span}."


def _span(label: str, span: tuple[datetime, datetime] | None, zone: tzinfo) -> str:
    return f", {label} {clock.absolute(span[0], zone)} to {clock.absolute(span[1], zone)}" if span else ""
