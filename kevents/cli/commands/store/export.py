"""`kevents store export`: part of the store, to share or import elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import ClockFlags, ReadFlags, SelectionFlags
from kevents.cli.program import terminal_of

FORMATS = ("store", "parquet", "json", "jsonl")

HELP = """Export part of the store to share or import elsewhere.

Writes every matching observation with its cluster and coverage; `kevents import` restores it exactly. DIR/ becomes a
store usable with --store; FILE.parquet is a single file; FILE.json (a List, as from kubectl) and FILE.ndjson (one Event
per line) are for other tools and omit coverage. `-` is stdout.

\b
    kevents store export --since 2h -n shop -o incident.parquet
    kevents store export --cluster prod --since 8:00 --until 12:00 -o morning/
    kevents store export --reason OOMKilling -o - | jq -r .message
"""


def register(group: typer.Typer) -> None:
    group.command("export", help=HELP)(takes_flags(export))


def export(
    context: typer.Context,
    *,
    to: Annotated[
        str, Flag("-o", "--output", metavar="PATH", help="DIR/, or FILE.parquet, .json, .ndjson; or - for stdout.")
    ],
    form: Annotated[
        str | None,
        Flag(
            "--format",
            metavar="FORM",
            help="Output format, overriding the file extension: {choices}.",
            choices=FORMATS,
        ),
    ] = None,
    force: Annotated[bool, Flag("--force", help="Replace an earlier export.")] = False,
    selection: SelectionFlags,
    clock: ClockFlags,
    store: ReadFlags,
) -> None:
    from kevents.cli.actions.store.export import export_events
    from kevents.cli.flags import FixedOrderFlags, OutputFlags

    export_events(terminal_of(context), FixedOrderFlags(selection, OutputFlags(), clock, store), to, form, force=force)
