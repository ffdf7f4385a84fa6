"""`kevents tail`: events as they happen, on the screen; from the cluster, or from what a recorder writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import ConnectionFlags, OutputFlags, SelectionFlags, ZoneFlags, takes_flags
from kevents.cli.program import terminal_of
from kevents.errors import UsageError

if TYPE_CHECKING:
    pass

_LINES = 10

HELP = """Show the last events, then go on with those that happen.

Without -A or -n it is the namespace of the kubeconfig's context, as in kubectl. All filters can be used, `!` too. A
repeat is a line of its own, with the new count; a connection that breaks is made again, and a gap is told on standard
error. With --store it follows what `kevents record` writes, of all namespaces, without asking the cluster.

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
    selection: SelectionFlags,
    lines: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help=f"Begin with the last N: {_LINES}, or with --since all of them."),
    ] = None,
    store: Annotated[bool, typer.Option("--store", help="Follow the store instead of the cluster.")] = False,
    folder: Annotated[
        str | None, typer.Argument(metavar="FOLDER", help="With --store: the store; else KEVENTS_STORE.")
    ] = None,
    output: OutputFlags,
    clock: ZoneFlags,
    connection: ConnectionFlags,
) -> None:
    from dataclasses import replace

    from kevents import clock as clocks
    from kevents.cli.asking import output_of, selection_of, zone_of
    from kevents.cli.tailing import Tail, of_cluster, of_store

    terminal = terminal_of(context)
    if folder and not store:
        raise UsageError(f'there is nothing to do with "{folder}"', "A store's folder goes behind --store.")
    if selection.cluster and not store:
        raise UsageError(
            "--cluster chooses among the clusters of a store", "It goes with --store; --context chooses one."
        )
    now, zone = clocks.now(), zone_of(clock)
    chosen = selection_of(selection, now, zone)
    written = replace(output_of(output, now, zone), time=output.time or "clock", ticking=clocks.now)
    if written.check(terminal).is_binary:
        raise UsageError(
            f"{written.format} has an end, and tail has none", "Such as -o jsonl, or ask with kevents list."
        )
    wanted = lines if lines is not None else None if selection.since else _LINES
    everywhere = selection.all_namespaces or (store and not selection.namespace)
    asked = Tail(terminal, chosen, written, wanted, everywhere, now)
    came = of_store(asked, folder) if store else of_cluster(asked, connection)
    if came:
        raise KeyboardInterrupt
