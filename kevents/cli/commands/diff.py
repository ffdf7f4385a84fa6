"""`kevents diff`: what is new, gone, more or less frequent than before, or than in another cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import QueryFlags, ShowSql
from kevents.cli.program import terminal_of
from kevents.report.catalog import load

# \b keeps the line breaks of the paragraph that follows
HELP = """Compare event rates between two time ranges or clusters.

--before TIME compares the time since TIME with an equally long period before it. TIME can be an event or object; for a
Deployment, its last rollout. FROM..TO sets an explicit window. --since alone compares with the preceding period of
equal length. --against compares a cluster with another.

Rates use only time that was actually covered by a recorder or dump. A change is reported at 1.5x or more (or 0.67x or
less) and beyond two standard deviations (Poisson). Problems that start or stop are always reported. Increases come
first, sorted by log2 of the factor plus one per severity level.

\b
    kevents diff --before deploy/cart
    kevents diff --before 10:00..11:00 --after 14:00..15:00 --by reason
    kevents diff --since 1h -n shop --severity warning
    kevents diff --cluster staging --against prod --since 1d
"""


def register(app: typer.Typer) -> None:
    app.command("diff", help=HELP)(takes_flags(diff))


def diff(
    context: typer.Context,
    *,
    flags: QueryFlags,
    show_sql: ShowSql = False,
    before: Annotated[
        str | None,
        Flag(metavar="TIME|TYPE/NAME", help="Split point: a time, FROM..TO or deploy/NAME."),
    ] = None,
    after: Annotated[str | None, Flag(metavar="TIME|TYPE/NAME", help="The later window: a time or FROM..TO.")] = None,
    against: Annotated[str | None, Flag(metavar="CLUSTER", help="Compare --cluster with this cluster.")] = None,
    by: Annotated[
        str | None,
        Flag(metavar="COLUMN", help="Group by {choices}.", choices=load("diff/diff.sql").by),
    ] = None,
    all_: Annotated[bool, Flag("--all", help="Include changes that are not significant.")] = False,
) -> None:
    from kevents.cli.actions.diff import show_changes
    from kevents.cli.actions.diff_sides import SideFlags

    named = SideFlags(before, after, against)
    show_changes(terminal_of(context), flags, named, by, everything=all_, show_sql=show_sql)
