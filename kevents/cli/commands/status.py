"""`kevents status`: the state of a store's recorders."""

from __future__ import annotations

import typer

from kevents.cli.flag import takes_flags
from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
from kevents.cli.program import terminal_of

HELP = """Show the state of recorders.

One line per cluster that was ever recorded into the store. States: watching, listing, waiting (server not responding),
full (disk full) mean that it is running; stopped: it exited cleanly; dead: it exited without cleanup. -o wide adds
retention settings and the last compaction/prune check.

\b
    kevents status
    kevents status -o json
"""


def register(app: typer.Typer) -> None:
    app.command("status", help=HELP)(takes_flags(status))


def status(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    from kevents.cli.actions.status import show_status

    show_status(terminal_of(context), output, zone, store)
