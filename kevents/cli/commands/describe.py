"""`kevents describe`: what happened to one object, now or long ago, and to its family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.questions import ObjectFlags

if TYPE_CHECKING:
    pass

HELP = """Show what happened to one object, also to one long deleted.

Without --history these are the events that kubectl describe prints: the cluster's, if one answers, else the store's.
With it, all that the store knows and the cluster still holds, oldest first: lives under one name apart, earlier texts
of an event below it, gaps in the recording between. --family adds its owners and what they own, causes first.

\b
    kevents describe pod/cart-hp69xjqln7-827d9
    kevents describe deploy cart -n shop --history --family
    kevents describe node/node-3 --history --offline
"""


def register(app: typer.Typer) -> None:
    app.command("describe", help=HELP)(takes_flags(describe))


def describe(
    context: typer.Context,
    *,
    words: Annotated[list[str], typer.Argument(metavar="TYPE/NAME", help="The object, as kubectl takes it.")],
    history: Annotated[bool, typer.Option("--history", help="All that is known, oldest first.")] = False,
    family: Annotated[
        bool, typer.Option("--family", help="The history of its owners and of what they own, too.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask the store alone.")] = False,
    flags: ObjectFlags,
) -> None:
    from kevents.cli.describing import Wanted, write_events, write_history
    from kevents.report.describe.subject import parse

    terminal = terminal_of(context)
    kind, name = parse(words)
    wanted = Wanted.of(terminal, flags, kind, name, offline=offline)
    if history or family:
        write_history(wanted, with_family=family)
    else:
        write_events(wanted)
