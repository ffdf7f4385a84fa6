"""`kevents correlate`: what else happened around an object's worst event."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flags import takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.questions import QuestionFlags, ShowSql

# \b keeps the lines of an example apart
HELP = """Show what else happened around an object's worst event.

Where nothing bad is told of the object itself, as of most Deployments, it is around the worst event of its family.
RELATED says what it has in common with the object: its family, node, volume, image, the shape of the message, or only
the namespace. SURPRISE is how often it happened in the window against its usual rate outside, in doublings: 3 is eight
times as often, 0 as always. The order is by surprise, and a step of severity weighs as much as a doubling.

\b
    kevents correlate pod/cart-hp69xjqln7-827d9
    kevents correlate deploy cart -n shop --window 30m
"""


def register(app: typer.Typer) -> None:
    app.command("correlate", help=HELP)(takes_flags(correlate))


def correlate(
    context: typer.Context,
    *,
    words: Annotated[list[str], typer.Argument(metavar="TYPE/NAME", help="The object, as kubectl takes it.")],
    flags: QuestionFlags,
    show_sql: ShowSql = False,
    around: Annotated[
        str | None, typer.Option(metavar="TIME", help="Look around this time; else where the worst event began.")
    ] = None,
    window: Annotated[str, typer.Option(metavar="TIME", help="So long before and after.")] = "10m",
) -> None:
    from kevents import clock as clocks
    from kevents.cli.asking import Asking
    from kevents.cli.correlating import Wanted
    from kevents.query.user_sql import Rows
    from kevents.report.describe.subject import parse

    asking = Asking.of(terminal_of(context), flags)
    kind, name = parse(words, "correlate")
    at = clocks.parse_time(around, asking.output.now, asking.output.zone) if around else None
    wanted = Wanted(asking, kind, name, clocks.parse_duration(window), Rows(flags.rows.sort_by, flags.rows.limit), at)
    wanted.write(show_sql=show_sql)
