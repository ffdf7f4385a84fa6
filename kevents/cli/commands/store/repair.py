"""`kevents store repair`: quarantines damaged files, and keeps the rest."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
from kevents.cli.program import terminal_of

HELP = """Quarantine damaged files and report what was lost.

Damaged files are moved to the quarantine directory of the store; nothing is deleted. A missing catalog is rebuilt from
the files. Losses are reported by cluster, time range and count, shown in `kevents coverage`, and noted by affected
reports. Importing a dump that has the lost events brings them back.

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
    dry_run: Annotated[bool, Flag("--dry-run", help="Show what would be done without changing anything.")] = False,
    output: OutputFlags,
    zone: ZoneFlags,
    store: StoreFlags,
) -> None:
    from kevents.cli.actions.store.repair import repair_store

    repair_store(terminal_of(context), output, zone, store, dry_run=dry_run)
