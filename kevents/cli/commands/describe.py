"""`kevents describe`: the events of one object and of its family."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import ObjectFlags
from kevents.cli.program import terminal_of

HELP = """Show the events of one object, even if it no longer exists.

Without --history: the Events section of kubectl describe, from the cluster if reachable, otherwise from the store. With
--history: everything in the store and cluster, oldest first. Recreated objects of the same name are shown separately,
with earlier message versions and recording gaps. --family also shows owners and their children, causes first.

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
    words: Annotated[list[str], typer.Argument(metavar="TYPE/NAME", help="The object, as in kubectl.")],
    history: Annotated[bool, Flag("--history", help="Full history, oldest first.")] = False,
    family: Annotated[bool, Flag("--family", help="Include owners and children.")] = False,
    offline: Annotated[bool, Flag("--offline", help="Use only the store.")] = False,
    flags: ObjectFlags,
) -> None:
    from kevents.cli.actions.describe import describe_object

    describe_object(terminal_of(context), words, flags, history=history, family=family, offline=offline)
