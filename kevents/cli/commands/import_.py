"""`kevents import`: imports event dumps into the store."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
from kevents.cli.program import terminal_of

HELP = """Import event dumps from files, archives or stdin.

Reads dumps from kubectl, support bundles, must-gathers, exporters and log collectors, compressed or not. Also imports
other kevents stores and `kevents store export` files losslessly. Events already in the store are skipped, whatever
their format. Unreadable input is reported with position and reason; everything else is imported and the exit status
is 3.

\b
    kubectl get events -A -o json | kevents import -
    kevents import dump.json support-bundle.tgz must-gather/
    kevents import slice.parquet
    kevents import --cluster prod --dry-run events.jsonl.gz
"""


def register(app: typer.Typer) -> None:
    app.command("import", help=HELP)(takes_flags(import_))


def import_(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, directories, archives, or -.")],
    *,
    cluster: Annotated[
        str, Flag(metavar="NAME", help="Cluster label for dumps that don't name their cluster.")
    ] = "default",
    dry_run: Annotated[bool, Flag("--dry-run", help="Show what would be imported without writing.")] = False,
    redact: Annotated[
        str | None,
        Flag(
            metavar="REGEX",
            help="Redact matching text (RE2) before storing, except in names, namespaces, kinds, UIDs, known reasons.",
        ),
    ] = None,
    output: OutputFlags,
    clock: ZoneFlags,
    store: StoreFlags,
) -> None:
    from kevents.cli.actions.import_ import import_dumps

    import_dumps(terminal_of(context), paths, cluster, redact, output, clock, store, dry_run=dry_run)
