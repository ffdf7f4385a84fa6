"""`kevents doctor`: whether everything around kevents is as it should be, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from kevents.cli.flags import ConnectionFlags, OutputFlags, StoreFlags, takes_flags
from kevents.cli.program import terminal_of

if TYPE_CHECKING:
    from kevents.cli.console import Terminal
    from kevents.doctor.finding import Finding

HELP = """Find what is wrong around kevents, and say what to do.

It looks at versions, the store and its disk, locks, recorders, the kubeconfig, the cluster, what it allows, its clock
and the terminal. Each look is made by itself and takes seconds at most; the store is not read, which is what kevents
store verify does. The exit status is 0 where nothing fails, else 3 for the cluster, 4 for the store.

\b
    kevents doctor
    kevents doctor --context prod -o json
    kevents doctor --store /data/events --request-timeout 2s
"""
_PATIENCE = 5.0  # seconds that the cluster has for each answer
_NARROW = 60


def register(app: typer.Typer) -> None:
    app.command("doctor", help=HELP)(takes_flags(doctor))


def doctor(context: typer.Context, *, connection: ConnectionFlags, store: StoreFlags, output: OutputFlags) -> None:
    from dataclasses import replace
    from datetime import UTC

    from kevents import clock
    from kevents.cli.asking import output_of
    from kevents.cli.live import connection_of
    from kevents.cli.output import write
    from kevents.doctor import cluster, program
    from kevents.doctor import store as stores
    from kevents.doctor.finding import examine, result
    from kevents.store.paths import locate

    terminal = terminal_of(context)
    written = output_of(output, clock.now(), UTC)
    for_people = written.check(terminal).for_people
    folder = locate(store.store, terminal.env)
    flags, around = connection_of(connection, terminal)
    flags = replace(flags, request_timeout=flags.request_timeout or _PATIENCE)
    around = replace(around, plugin_timeout=2 * _PATIENCE)
    findings = list(
        examine(
            (
                ("versions", program.versions),
                ("configuration", lambda: program.configuration(terminal.env)),
                ("store", lambda: stores.held(folder)),
                ("disk", lambda: stores.disk(folder)),
                ("lock", lambda: stores.writer(folder)),
                ("recorder", lambda: stores.recording(folder, clock.now())),
                ("cluster", lambda: cluster.cluster(flags, around)),
                ("terminal", lambda: _terminal(terminal)),
            )
        )
    )
    write(result(findings, for_people=for_people), written, terminal)
    if status := max((one.status for one in findings), default=0):
        raise typer.Exit(status)


def _terminal(terminal: Terminal) -> Iterator[Finding]:
    """Whether answers can be read where they are shown."""
    from kevents.doctor.finding import ok, warn

    encoding = terminal.encoding.lower()
    colors = "colours" if terminal.use_color() else "no colours"
    if not terminal.is_interactive:
        yield ok("terminal", f"standard output is none, so nothing is cut or coloured; {encoding}")
        return
    width = terminal.width or 0
    finding = f"{terminal.env.get('TERM') or 'no TERM'}, {width} columns, {colors}, {encoding}"
    if not encoding.startswith("utf"):
        yield warn("terminal", finding, "Bars are drawn in ASCII: a UTF-8 locale has better ones (LANG=C.UTF-8).")
    elif width < _NARROW:
        yield warn("terminal", finding, f"Tables need {_NARROW} columns: widen the window, or use -o json.")
    else:
        yield ok("terminal", finding)
