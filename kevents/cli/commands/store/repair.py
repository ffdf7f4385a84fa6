"""`kevents store repair`: what is damaged is set aside, and the rest goes on."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags, takes_flags
from kevents.cli.program import terminal_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from kevents.store.catalog import StoreFile
    from kevents.store.integrity.repair import Repaired

HELP = """Set aside what is damaged, and say what was lost.

Damaged files go into the folder quarantine of the store; nothing is deleted. A lost catalog is made anew from the
files. What was lost is named by cluster, time and number, stays in `kevents coverage`, and every question about that
time says so. Importing a dump that has the lost events brings them back.

\b
    kevents store verify
    kevents store repair --dry-run
    kevents store repair
"""


def register(group: typer.Typer) -> None:
    group.command("repair", help=HELP)(takes_flags(repair))


def repair(
    context: typer.Context,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")] = False,
    output: OutputFlags,
    zone: ZoneFlags,
    store: StoreFlags,
) -> None:
    from dataclasses import replace

    from kevents import clock
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.integrity import Looking
    from kevents.cli.output import write
    from kevents.report.findings import findings
    from kevents.store.integrity import repair as repairing
    from kevents.store.paths import locate
    from kevents.store.store import Store

    terminal = terminal_of(context)
    now, times = clock.now(), zone_of(zone)
    written = replace(output_of(output, now, times), time=output.time or "absolute")
    written.check(terminal)
    opened = Store.open(locate(store.store, terminal.env))
    with Looking(terminal) as looking:
        told = repairing.Told(terminal.warn, looking.watch)
        done = repairing.repair(opened, now, told, dry_run=dry_run)
    write(findings(done.findings, "There is nothing to repair."), written, terminal)
    for sentence in _sentences(done, times, dry_run=dry_run):
        terminal.note(sentence)


def _sentences(done: Repaired, zone: tzinfo, *, dry_run: bool) -> Iterator[str]:
    from kevents.store.integrity.verify import Remedy

    if done.was_rebuilt:
        yield _of_catalog(done)
    for cluster, lost in groupby(sorted(done.lost, key=lambda file: file.cluster), key=lambda file: file.cluster):
        yield _of_cluster(cluster, list(lost), zone)
    for one in done.findings:
        if one.remedy is Remedy.SEAL and one.rows:
            yield f"Lost of {one.cluster}: {one.rows:,} lines of its journal{_span('of', one.span, zone)}."
    if done.lost:
        yield "Their files are in quarantine. Importing a dump that has these events brings them back."
    if dry_run and done.findings:
        yield "Nothing was changed: this was a dry run."


def _of_catalog(done: Repaired) -> str:
    rest = "" if done.has_copy else "; what was covered, and where recorders stopped, is not known any more"
    new = f"; the checksums of {done.unproven:,} files were made anew, of what they hold now" if done.unproven else ""
    source = "the files and its copy" if done.has_copy else "the files alone"
    return f"The catalog was made anew from {source}{rest}{new}."


def _of_cluster(cluster: str, lost: list[StoreFile], zone: tzinfo) -> str:
    dated = [file for file in lost if file.day]
    first = min((file.min_last_seen for file in dated if file.min_last_seen), default=None)
    last = max((file.max_last_seen for file in dated if file.max_last_seen), default=None)
    noun = "file" if len(lost) == 1 else "files"
    span = _span("last seen", (first, last) if first and last else None, zone)
    return f"Lost of {cluster}: {sum(file.rows for file in lost):,} observations in {len(lost):,} {noun}{span}."


def _span(told: str, span: tuple[datetime, datetime] | None, zone: tzinfo) -> str:
    from kevents import clock

    return f", {told} {clock.absolute(span[0], zone)} to {clock.absolute(span[1], zone)}" if span else ""
