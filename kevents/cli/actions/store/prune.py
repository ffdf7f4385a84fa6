"""Deletes old data, and reports what was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.output import output_of, write, zone_of
from kevents.config import config_directory
from kevents.errors import UsageError
from kevents.event.severity_table import load_ratings
from kevents.maintenance.prune import PruneResult, prune, prune_options, would_prune
from kevents.maintenance.prune_report import prune_report
from kevents.maintenance.retention import retention_rules
from kevents.render.units import size
from kevents.store.paths import store_directory
from kevents.store.rewrite.exchange import Callbacks
from kevents.store.store import Store

if TYPE_CHECKING:
    from kevents.cli.flags import OutputFlags, RetentionFlags, StoreFlags, ZoneFlags
    from kevents.cli.terminal import Terminal


def prune_store(
    terminal: Terminal,
    retention: RetentionFlags,
    clusters: Sequence[str],
    output_flags: OutputFlags,
    zone: ZoneFlags,
    store: StoreFlags,
    *,
    dry_run: bool,
) -> None:
    """Prune the store, or only these clusters of it, and write a row per deleted day."""
    now = clock.now()
    output = output_of(output_flags, terminal, now, zone_of(zone), time="absolute")
    retained = retention_rules(retention.older_than, retention.max_size, retention.keep_severity or ())
    if not retained:
        raise UsageError("give --older-than and/or --max-size")
    opened = Store.open(store_directory(store.store, terminal.env))
    options = prune_options(retained, load_ratings(config_directory(terminal.env)), tuple(clusters))
    pruned = would_prune(opened, options, now) if dry_run else prune(opened, options, now, Callbacks(terminal.warn))
    for damage in pruned.damaged:
        terminal.warn(f"{damage.file.path} {damage.finding}: it is left alone. See kevents store verify.")
    write(prune_report(pruned), output, terminal)
    _sum_up(pruned, terminal, dry_run=dry_run)


def _sum_up(pruned: PruneResult, terminal: Terminal, *, dry_run: bool) -> None:
    rows = sum(deletion.observations for deletion in pruned.deletions)
    size_ = sum(deletion.bytes for deletion in pruned.deletions)
    if pruned.deletions:
        days = "1 day" if len(pruned.deletions) == 1 else f"{len(pruned.deletions):,} days"
        amount = f"{rows:,} observations from {days} ({size(size_)})"
        terminal.note(f"Dry run: would delete {amount}." if dry_run else f"Deleted {amount}.")
    if pruned.excess:
        why = "what is left is from today or has no usable time, which is never pruned"
        terminal.warn(f"the store is {size(pruned.excess)} larger than --max-size: {why}")
