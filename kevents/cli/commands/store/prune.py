"""`kevents store prune`: what is too old, or too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, Texts, ZoneFlags, takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.retention import RetentionFlags
from kevents.errors import UsageError

if TYPE_CHECKING:
    from kevents.cli.console import Terminal
    from kevents.maintenance.prune import Pruned

HELP = """Delete what is too old or too much, and say what went.

Whole UTC days go, today never, and events without a usable time stay. --max-size counts the Parquet files, and takes
the oldest days first, whatever --keep-severity says. From then on `kevents coverage` names the time that was pruned,
and so does every question about it.

\b
    kevents store prune --older-than 120d --dry-run
    kevents store prune --older-than 30d --keep-severity warning=365d
    kevents store prune --max-size 20GB
"""


def register(group: typer.Typer) -> None:
    group.command("prune", help=HELP)(takes_flags(prune))


def prune(
    context: typer.Context,
    *,
    retention: RetentionFlags,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; delete nothing.")] = False,
    cluster: Annotated[Texts, typer.Option(metavar="NAME", help="Only this cluster.")] = None,
    output: OutputFlags,
    zone: ZoneFlags,
    store: StoreFlags,
) -> None:
    from dataclasses import replace

    from kevents import clock
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.output import write
    from kevents.cli.retention import rules_of
    from kevents.config import config_folder
    from kevents.event.severity_table import with_own
    from kevents.maintenance import prune as pruning
    from kevents.maintenance.prune_report import result
    from kevents.store.paths import locate
    from kevents.store.rewrite.exchange import Told
    from kevents.store.store import Store

    terminal = terminal_of(context)
    now = clock.now()
    written = replace(output_of(output, now, zone_of(zone)), time=output.time or "absolute")
    written.check(terminal)
    rules = rules_of(retention)
    if not rules:
        raise UsageError("nothing says what to prune", "Give --older-than, --max-size or both.")
    opened = Store.open(locate(store.store, terminal.env))
    order = pruning.order_of(rules, with_own(config_folder(terminal.env)), tuple(cluster or ()))
    told = Told(terminal.warn)
    pruned = pruning.would_prune(opened, order, now) if dry_run else pruning.prune(opened, order, now, told)
    for damage in pruned.damaged:
        terminal.warn(f"{damage.file.path} {damage.finding}: it is left alone. See kevents store verify.")
    write(result(pruned), written, terminal)
    _sum_up(pruned, terminal, dry_run=dry_run)


def _sum_up(pruned: Pruned, terminal: Terminal, *, dry_run: bool) -> None:
    from kevents.render.units import size

    rows, bytes_ = sum(cut.observations for cut in pruned.cuts), sum(cut.bytes for cut in pruned.cuts)
    if pruned.cuts:
        went = f"{rows:,} observations of {len(pruned.cuts):,} days, {size(bytes_)}"
        terminal.note(f"Would delete {went}. Nothing was: this was a dry run." if dry_run else f"Deleted {went}.")
    if pruned.excess:
        why = "what is left is of today or has no usable time, which is never pruned"
        terminal.warn(f"the store takes {size(pruned.excess)} more than --max-size: {why}")
