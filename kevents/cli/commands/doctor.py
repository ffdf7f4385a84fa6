"""`kevents doctor`: checks the setup, and suggests fixes."""

from __future__ import annotations

import typer

from kevents.cli.flag import takes_flags
from kevents.cli.flags import ConnectionFlags, OutputFlags, StoreFlags
from kevents.cli.program import terminal_of

HELP = """Check the setup and suggest fixes.

Checks versions, the store and its disk, locks, recorders, kubeconfig, cluster access and permissions, clock skew and
the terminal. Each check is independent and takes a few seconds at most. It doesn't read the store's data; use `kevents
store verify` for that. Exit status: 0 if all checks pass, 3 if a check of the cluster fails, 4 if one of the
store fails.

\b
    kevents doctor
    kevents doctor --context prod -o json
    kevents doctor --store /data/events --request-timeout 2s
"""


def register(app: typer.Typer) -> None:
    app.command("doctor", help=HELP)(takes_flags(doctor))


def doctor(context: typer.Context, *, connection: ConnectionFlags, store: StoreFlags, output: OutputFlags) -> None:
    from kevents.cli.actions.doctor import check_setup

    if status := check_setup(terminal_of(context), connection, store, output):
        raise typer.Exit(status)
