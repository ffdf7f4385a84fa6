"""`kevents correlate`: what else happened around an object's worst event."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import QueryFlags, ShowSql
from kevents.cli.program import terminal_of

# \b keeps the line breaks of the paragraph that follows
HELP = """Show what else happened around an object's worst event.

If the object itself has no bad events (as with most Deployments), the worst event among its related objects is used.
RELATED shows what a row has in common with the object: its family, node, volume, image, message pattern, or only the
namespace. SURPRISE is log2 of the rate in the window over the usual rate (3 = 8x, 0 = normal). Rows are sorted by
SURPRISE plus one per severity level.

\b
    kevents correlate pod/cart-hp69xjqln7-827d9
    kevents correlate deploy cart -n shop --window 30m
"""


def register(app: typer.Typer) -> None:
    app.command("correlate", help=HELP)(takes_flags(correlate))


def correlate(
    context: typer.Context,
    *,
    words: Annotated[list[str], typer.Argument(metavar="TYPE/NAME", help="The object, as in kubectl.")],
    flags: QueryFlags,
    show_sql: ShowSql = False,
    around: Annotated[
        str | None, Flag(metavar="TIME", help="Look around this time (default: start of the worst event).")
    ] = None,
    window: Annotated[str, Flag(metavar="DURATION", help="Time before and after.")] = "10m",
) -> None:
    from kevents.cli.actions.correlate import correlate_object

    correlate_object(terminal_of(context), words, flags, around, window, show_sql=show_sql)
