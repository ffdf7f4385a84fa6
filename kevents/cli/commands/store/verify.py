"""`kevents store verify`: checks every file of the store."""

from __future__ import annotations

import typer

from kevents.cli.flag import takes_flags
from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
from kevents.cli.program import terminal_of

HELP = """Check every file in the store and report damage.

Each file is checked against its checksum and the store's invariants (columns, days, rows, order), and so are the
catalog and the journals. It detects even a single flipped bit. Safe to run while other commands read or write. The exit
status is 4 if anything is damaged; harmless problems are listed with REMEDY none.

\b
    kevents store verify
    kevents store verify --store /data/events -o json
"""


def register(group: typer.Typer) -> None:
    group.command("verify", help=HELP)(takes_flags(verify))


def verify(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    from kevents.cli.actions.store.verify import verify_store

    verify_store(terminal_of(context), output, zone, store)
