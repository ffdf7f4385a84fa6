"""Shows similar messages, grouped across objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kevents.cli.answer import write_answer, write_sql
from kevents.cli.request import Request
from kevents.query.user_sql import RowOptions
from kevents.report.patterns import Patterns, Thresholds, parse_rate

if TYPE_CHECKING:
    from kevents.cli.flags import QueryFlags
    from kevents.cli.terminal import Terminal


def show_patterns(
    terminal: Terminal, flags: QueryFlags, min_events: int, min_rate: str | None, *, show_sql: bool
) -> None:
    """Write the patterns above the thresholds, or the SQL."""
    request = Request.of(terminal, flags)
    patterns = Patterns(
        Thresholds(min_events, parse_rate(min_rate) if min_rate else None),
        RowOptions(flags.rows.sort_by, flags.rows.limit),
        capped=request.is_capped,
    )
    if show_sql:
        write_sql(request, patterns.question.shown_sql)
    else:
        write_answer(request, patterns.answer(request.engine()))
