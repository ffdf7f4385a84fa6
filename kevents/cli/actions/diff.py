"""Compares two time ranges, or two clusters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kevents.cli.actions.diff_sides import SideFlags, sides
from kevents.cli.answer import write_answer, write_sql
from kevents.cli.request import Request
from kevents.query.user_sql import RowOptions
from kevents.report.diff.diff import Diff

if TYPE_CHECKING:
    from kevents.cli.flags import QueryFlags
    from kevents.cli.terminal import Terminal


def show_changes(
    terminal: Terminal, flags: QueryFlags, named: SideFlags, by: str | None, *, everything: bool, show_sql: bool
) -> None:
    """Write the changes between the sides, or the SQL. everything: include changes that are not significant."""
    request = Request.of(terminal, flags)
    compared = sides(request, named)
    diff = Diff(
        compared.before,
        compared.after,
        by,
        RowOptions(flags.rows.sort_by, flags.rows.limit),
        everything=everything,
        capped=request.is_capped,
    )
    if show_sql:
        write_sql(request, diff.shown_sql)
        return
    both = replace(request, selection=compared.selection)
    write_answer(both, replace(diff.answer(both.engine()), heading=compared.heading))
