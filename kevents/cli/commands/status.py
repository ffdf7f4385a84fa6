"""`kevents status`: how the recorders of a store are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags, takes_flags
from kevents.cli.program import terminal_of

if TYPE_CHECKING:
    pass

HELP = """Say how recorders are doing, living or dead.

There is a line for each cluster that was ever recorded into the store. A state of watching, listing, waiting (for a
server that does not answer) or full (the disk) is a living recorder's; stopped is one that ended cleanly, dead one
that did not. -o wide says as well what it keeps for how long, and when it last looked whether files were to be
compacted or pruned.

\b
    kevents status
    kevents status -o json
"""


def register(app: typer.Typer) -> None:
    app.command("status", help=HELP)(takes_flags(status))


def status(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    from kevents import clock
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.output import write
    from kevents.record import status as recorders
    from kevents.store.paths import locate

    terminal = terminal_of(context)
    written = output_of(output, clock.now(), zone_of(zone))
    written.check(terminal)
    write(recorders.status(locate(store.store, terminal.env)), written, terminal)
