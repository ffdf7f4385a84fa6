"""A command for each report of the catalogue: adding a file there is all that a new one needs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated

import typer

from kevents.cli.flags import takes_flags
from kevents.cli.grammar import help_text
from kevents.cli.program import terminal_of
from kevents.cli.questions import QuestionFlags, ShowSql
from kevents.report.catalog import Parameter, Report, Value, reports

_IN_ORDER = ("list", "reasons", "counts", "images")  # the rest follows by name


def register(app: typer.Typer) -> None:
    """Add every report, and the aliases without a line of their own in help."""
    known = reports()
    for name in (*_IN_ORDER, *sorted(known.keys() - set(_IN_ORDER))):
        if known[name].is_command:
            add_report(app, known[name])


def add_report(app: typer.Typer, report: Report) -> None:
    """Add the command of a report, and its aliases."""
    command = command_of(report)
    app.command(report.name, help=help_of(report))(command)
    for alias in report.aliases:
        app.command(alias, help=f"The same as {report.name}.", hidden=True)(command)


def help_of(report: Report) -> str:
    """The summary, what there is to know about it, and examples."""
    paragraphs = (f"{report.summary.rstrip('.')}.", " ".join(report.about))
    return help_text("\n\n".join(filter(None, paragraphs)), *report.examples)


def command_of(report: Report) -> Callable[..., None]:
    """The function behind `kevents <report>`."""

    def ask(
        context: typer.Context,
        *,
        flags: QuestionFlags,
        show_sql: ShowSql = False,
        by: str | None = None,
        word: str | None = None,
        **typed: str | int | None,
    ) -> None:
        from kevents.cli.answer import write_answer, write_sql
        from kevents.cli.asking import Asking
        from kevents.query.user_sql import Rows
        from kevents.report.question import Question

        output = replace(flags.output, time=flags.output.time or report.time)
        asking = Asking.of(terminal_of(context), replace(flags, output=output))
        argument = report.argument
        question = Question(
            report=reports()[argument.report] if argument and word else report,
            rows=Rows(flags.rows.sort_by, flags.rows.limit),
            by=by,
            name=word,
            values={one.name: asking.value(one, typed[one.name]) for one in report.parameters},
            wants_documents=asking.output.format in {"json", "jsonl", "yaml"},
            capped=asking.is_capped,
        )
        if show_sql:
            write_sql(asking, question.shown_sql)
        else:
            write_answer(asking, question.answer(asking.engine()), _sought(report, word, typed))

    ask.__annotations__ |= _own_parameters(report)
    unwanted = {"by": not report.by, "word": report.argument is None}
    without = {parameter for parameter, is_unwanted in unwanted.items() if is_unwanted}
    return takes_flags(ask, without, map(_flag, report.parameters))


def _sought(report: Report, word: str | None, typed: Mapping[str, str | int | None]) -> dict[str, str]:
    """The names that a question asks for by its own argument and flags, by their sort."""
    from kevents.cli.unknown import SORTS

    named = {one.name: value for one in report.parameters if isinstance(value := typed[one.name], str)}
    if report.argument and word:
        named[report.argument.metavar.lower()] = word
    return {sort: name for sort, name in named.items() if sort in SORTS}


def _flag(parameter: Parameter) -> inspect.Parameter:
    """A report's own parameter as a flag; typer shows its default."""
    is_number = parameter.value is Value.NUMBER
    option = typer.Option(f"--{parameter.name.replace('_', '-')}", metavar=parameter.metavar, help=parameter.help)
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=parameter.default,
        annotation=Annotated[int | None if is_number else str | None, option],
    )


def _own_parameters(report: Report) -> dict[str, object]:
    argument = report.argument
    metavar, meaning = (argument.metavar, argument.help) if argument else (None, None)
    return {
        "by": Annotated[str | None, typer.Option(metavar="COLUMN", help=f"Count by {', '.join(report.by)}.")],
        "word": Annotated[str | None, typer.Argument(metavar=metavar, help=meaning)],
    }
