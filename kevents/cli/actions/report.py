"""Runs a report of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kevents.cli.answer import write_answer, write_sql
from kevents.cli.request import Request
from kevents.cli.unknown_names import NAME_TYPES
from kevents.query.user_sql import RowOptions
from kevents.report.catalog import reports
from kevents.report.question import Question

if TYPE_CHECKING:
    from kevents.cli.flags import QueryFlags
    from kevents.cli.terminal import Terminal
    from kevents.report.catalog import Report


def run_report(
    terminal: Terminal,
    report: Report,
    flags: QueryFlags,
    by: str | None,
    word: str | None,
    values: Mapping[str, str | int | None],
    *,
    show_sql: bool,
) -> None:
    """Write the result of a report, or its SQL. word: the argument; values: of the report's own flags."""
    request = Request.of(terminal, flags, time=report.time or "age")
    argument = report.argument
    question = Question(
        report=reports()[argument.report] if argument and word else report,
        rows=RowOptions(flags.rows.sort_by, flags.rows.limit),
        by=by,
        name=word,
        values={parameter.name: request.value(parameter, values[parameter.name]) for parameter in report.parameters},
        wants_documents=request.output.has_documents,
        capped=request.is_capped,
    )
    if show_sql:
        write_sql(request, question.shown_sql)
    else:
        write_answer(request, question.answer(request.engine()), _names(report, word, values))


def _names(report: Report, word: str | None, values: Mapping[str, str | int | None]) -> dict[str, str]:
    """The names in a report's own argument and flags, by type."""
    names = {
        parameter.name: value for parameter in report.parameters if isinstance(value := values[parameter.name], str)
    }
    if report.argument and word:
        names[report.argument.metavar.lower()] = word
    return {type_: name for type_, name in names.items() if type_ in NAME_TYPES}
