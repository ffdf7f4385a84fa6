"""`kevents tail`: events as they happen, from the cluster or from what a recorder writes."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import ConnectionFlags, LiveSelectionFlags, OutputFlags, ZoneFlags
from kevents.cli.program import terminal_of

LINES = 10  # the default of --lines

HELP = """Show recent events, then follow new ones.

Without -A or -n it follows the namespace of the kubeconfig's context, as in kubectl. All filters work, including `!`.
Repeats are printed as new lines with the updated count. Reconnects automatically; gaps are reported on stderr. With
--store, follows what `kevents record` writes (all namespaces) instead of contacting the cluster.

\b
    kevents tail -A --type Warning
    kevents tail -n shop --for deploy/cart -o jsonl | jq .message
    kevents tail --store --reason '!Pulled,Created'
"""


def register(app: typer.Typer) -> None:
    app.command("tail", help=HELP)(takes_flags(tail))


def tail(
    context: typer.Context,
    *,
    selection: LiveSelectionFlags,
    lines: Annotated[
        int | None,
        Flag(metavar="N", least=0, help=f"Show the last N events first (default {LINES}, or all with --since)."),
    ] = None,
    store: Annotated[bool, Flag("--store", help="Follow the store instead of the cluster.")] = False,
    directory: Annotated[
        str | None, typer.Argument(metavar="DIR", help="With --store: the store directory [env: KEVENTS_STORE].")
    ] = None,
    output: OutputFlags,
    clock: ZoneFlags,
    connection: ConnectionFlags,
) -> None:
    from kevents.cli.actions.tail import TailFlags, follow_events

    count = lines if lines is not None else None if selection.since else LINES
    follow_events(terminal_of(context), TailFlags(count, store, directory), selection, output, clock, connection)
