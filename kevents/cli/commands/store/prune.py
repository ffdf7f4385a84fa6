"""`kevents store prune`: deletes old data."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import OutputFlags, RetentionFlags, StoreFlags, Texts, ZoneFlags
from kevents.cli.program import terminal_of

HELP = """Delete old data and report what was deleted.

Deletes whole UTC days, never today; events without a usable time are kept. --max-size counts the Parquet files and
deletes the oldest days first, regardless of --keep-severity. Pruned ranges are shown by `kevents coverage` and noted by
affected reports.

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
    dry_run: Annotated[bool, Flag("--dry-run", help="Show what would be deleted without deleting.")] = False,
    cluster: Annotated[Texts, Flag(metavar="NAME", help="Only this cluster.")] = None,
    output: OutputFlags,
    zone: ZoneFlags,
    store: StoreFlags,
) -> None:
    from kevents.cli.actions.store.prune import prune_store

    prune_store(terminal_of(context), retention, cluster or (), output, zone, store, dry_run=dry_run)
