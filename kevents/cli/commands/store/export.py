"""`kevents store export`: a part of the store, for somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import ClockFlags, ReadFlags, SelectionFlags, takes_flags
from kevents.cli.program import terminal_of

if TYPE_CHECKING:
    pass

HELP = """Write a part of the store into files that others import.

Every sighting that the filters let through is written, with its cluster and what was covered, and `kevents import`
takes all of it over as it was. A FOLDER/ becomes a store, which `--store FOLDER` asks at once; FILE.parquet is one
file; FILE.json is a List as kubectl prints it and FILE.ndjson an Event a line, for other tools as well, both without
what was covered. `-` is standard output.

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
        str, typer.Option("-o", "--output", metavar="PATH", help="A folder/, or FILE.parquet, .json, .ndjson; or -.")
    ],
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORM", help="Whatever the ending: store, parquet, json, jsonl."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what was exported there before.")] = False,
    selection: SelectionFlags,
    clock: ClockFlags,
    store: ReadFlags,
) -> None:
    from kevents.cli import exporting
    from kevents.cli.asking import Asking
    from kevents.cli.flags import OutputFlags
    from kevents.cli.questions import DrawingFlags
    from kevents.export.target import Place, check

    terminal = terminal_of(context)
    place = Place.of(to, form)
    asking = Asking.of(terminal, DrawingFlags(selection, OutputFlags(), clock, store))
    check(place, asking.store.folder, force=force)
    if place.path is None:
        exporting.show(asking, place.form)
    else:
        exporting.write(asking, place.path, place.form)
