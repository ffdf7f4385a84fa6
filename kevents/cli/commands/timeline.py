"""`kevents timeline`: events just before and after a point in time."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import QueryFlags, ShowSql
from kevents.cli.program import terminal_of

# \b keeps the line breaks of the paragraph that follows
HELP = """Show events just before and after a point in time.

--around takes a time, an event name, or TYPE/NAME (the start of its worst event). Default: the start of the worst event
in the store. Identical messages from one object, or from several objects at about the same time, are shown as one line
at the time of the first. Filters affect only the rows shown.

\b
    kevents timeline --since 3h
    kevents timeline --around 10:05 --window 5m --severity notice
"""


def register(app: typer.Typer) -> None:
    app.command("timeline", help=HELP)(takes_flags(timeline))


def timeline(
    context: typer.Context,
    *,
    flags: QueryFlags,
    show_sql: ShowSql = False,
    around: Annotated[
        str | None, Flag(metavar="TIME|TYPE/NAME", help="A time, TYPE/NAME, or the name of an event.")
    ] = None,
    window: Annotated[str, Flag(metavar="DURATION", help="Time before and after.")] = "10m",
) -> None:
    from kevents.cli.actions.timeline import show_timeline

    show_timeline(terminal_of(context), flags, around, window, show_sql=show_sql)
