"""`kevents store compact`: small files into large ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import StoreFlags, Texts, takes_flags
from kevents.cli.program import terminal_of
from kevents.errors import StoreError

if TYPE_CHECKING:
    from kevents.store.catalog import StoreFile
    from kevents.store.rewrite.compact import Outcome

HELP = """Merge each day's small files into few large ones.

They are smaller together and read faster. What the store holds stays the same, row by row. Others may read, import
and record meanwhile, and may be killed as this may: the next command goes on from there. A running recorder does this
by itself.

\b
    kevents store compact
    kevents store compact --cluster default
"""


def register(group: typer.Typer) -> None:
    group.command("compact", help=HELP)(takes_flags(compact))


def compact(
    context: typer.Context,
    *,
    cluster: Annotated[Texts, typer.Option(metavar="NAME", help="Only this cluster.")] = None,
    store: StoreFlags,
) -> None:
    from kevents import clock
    from kevents.cli.console import Line
    from kevents.store.paths import locate
    from kevents.store.rewrite import compact as compaction
    from kevents.store.rewrite.exchange import Told
    from kevents.store.rewrite.merge_plan import Merge
    from kevents.store.store import Store

    terminal = terminal_of(context)
    opened = Store.open(locate(store.store, terminal.env))
    line = Line(terminal)

    def watch(merge: Merge, done: int, rows: int) -> None:
        day = merge.day or "no day"
        line.show(lambda _: f"{merge.cluster} {day}: {done:,} of {rows:,} observations, {done / max(rows, 1):.0%}")

    wish = compaction.Wish(tuple(cluster or ()), by_hand=True)
    try:
        told = Told(terminal.warn, watch)
        outcome = compaction.compact(opened, wish, clock.now(), told)
    finally:
        line.close()
    for damage in outcome.damaged:
        terminal.warn(f"{damage.file.path} {damage.finding}: it was left alone. See kevents store verify.")
    if cluster and not outcome.before:
        raise StoreError(f"the store holds nothing of cluster {', '.join(cluster)}")
    terminal.note(_sentence(outcome))


def _sentence(outcome: Outcome) -> str:
    if {file.path for file in outcome.before} == {file.path for file in outcome.after}:
        return f"Nothing to compact: {_amount(outcome.before)}."
    return f"Compacted {_amount(outcome.before)} to {_amount(outcome.after)}."


def _amount(files: Iterable[StoreFile]) -> str:
    from kevents.render.units import size

    listed = list(files)
    noun = "file" if len(listed) == 1 else "files"
    return f"{len(listed):,} {noun} ({size(sum(file.bytes for file in listed))})"
