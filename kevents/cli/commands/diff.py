"""`kevents diff`: what is new, gone, more or less frequent than before, or than elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flags import takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.questions import QuestionFlags, ShowSql

# \b keeps the lines of an example apart
HELP = """Show what changed: new, gone, more or less often.

--before TIME compares what was after it, up to now, with as long a time before it; TIME may be an event or an object,
and of a Deployment it is its last rollout. FROM..TO says a window of its own, and --since alone compares that time with
the same length before it. --against compares a cluster with another.

Counts are held against the time in which a recorder watched, or of which a dump tells. FACTOR is how many times as
often it happens. A change counts from half as often again, or two thirds, if it is beyond two standard deviations of
Poisson counts; trouble that begins or ends counts even if it happened once. What rose comes first, by doublings, and a
step of severity weighs as much as a doubling.

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
    flags: QuestionFlags,
    show_sql: ShowSql = False,
    before: Annotated[
        str | None,
        typer.Option(metavar="TIME|TYPE/NAME", help="Compare with before this: a time, FROM..TO, deploy/NAME."),
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="TIME|TYPE/NAME", help="What is after this: a time or FROM..TO.")
    ] = None,
    against: Annotated[str | None, typer.Option(metavar="CLUSTER", help="Compare --cluster with this cluster.")] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Group by pattern, reason, kind, namespace, object, node, component, type, severity, category, image.",
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also what changed no more than chance explains.")] = False,
) -> None:
    from dataclasses import replace

    from kevents.cli.answer import write_answer, write_sql
    from kevents.cli.asking import Asking
    from kevents.cli.comparing import sides
    from kevents.query.user_sql import Rows
    from kevents.report.diff.diff import Diff

    asking = Asking.of(terminal_of(context), flags)
    found = sides(asking, before, after, against)
    asked = Diff(
        found.before,
        found.after,
        by,
        Rows(flags.rows.sort_by, flags.rows.limit),
        everything=all_,
        capped=asking.is_capped,
    )
    if show_sql:
        write_sql(asking, asked.shown_sql)
        return
    near = replace(asking, selection=found.selection)
    write_answer(near, replace(asked.answer(near.engine()), heading=found.heading))
