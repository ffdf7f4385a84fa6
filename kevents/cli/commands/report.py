"""Adds a command for each report of the catalog. A new report needs only a file there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated

import typer

from kevents.cli.flag import Flag, flags_of, keyword, takes_flags
from kevents.cli.flags import QueryFlags, ShowSql
from kevents.cli.program import terminal_of
from kevents.cli.typer_help import help_text
from kevents.report.catalog import Report, Value, reports

_IN_ORDER = ("list", "reasons", "counts", "images")  # the others follow in alphabetical order


def register(app: typer.Typer) -> None:
    """Add every report, and its aliases, which are hidden in help."""
    known = reports()
    for name in (*_IN_ORDER, *sorted(known.keys() - set(_IN_ORDER))):
        if known[name].is_command:
            add_report(app, known[name])


def add_report(app: typer.Typer, report: Report) -> None:
    """Add the command of a report, and its aliases."""
    command = command_of(report)
    app.command(report.name, help=help_of(report))(command)
    for alias in report.aliases:
        app.command(alias, help=f"Alias of {report.name}.", hidden=True)(command)


def help_of(report: Report) -> str:
    """The summary, details and examples."""
    paragraphs = (f"{report.summary.rstrip('.')}.", " ".join(report.about))
    return help_text("\n\n".join(filter(None, paragraphs)), *report.examples)


def command_of(report: Report) -> Callable[..., None]:
    """The function that `kevents <report>` calls."""

    def run(
        context: typer.Context,
        *,
        flags: QueryFlags,
        show_sql: ShowSql = False,
        by: str | None = None,
        word: str | None = None,
        **values: str | int | None,
    ) -> None:
        from kevents.cli.actions.report import run_report

        run_report(terminal_of(context), report, flags, by, word, values, show_sql=show_sql)

    run.__annotations__ |= _own_parameters(report)
    unused = {"by": not report.by, "word": report.argument is None}
    without = {parameter for parameter, is_unused in unused.items() if is_unused}
    own_flags = (
        keyword(
            parameter.name,
            (int if parameter.value is Value.NUMBER else str) | None,
            Flag(f"--{parameter.name.replace('_', '-')}", metavar=parameter.metavar, help=parameter.help),
            parameter.default,
        )
        for parameter in report.parameters
    )
    return takes_flags(run, without, own_flags)


def flag_names() -> Collection[str]:
    """The names that a report's own parameter cannot have, because its command has a flag of that name."""
    names = {"context", "help", "h", "by", "word", "show_sql"}
    for parameter, flag in flags_of(QueryFlags):
        names |= {parameter, *(name.lstrip("-").replace("-", "_") for name in flag.names)}
    return names


def _own_parameters(report: Report) -> dict[str, object]:
    argument = report.argument
    metavar, meaning = (argument.metavar, argument.help) if argument else (None, None)
    by = Flag(metavar="COLUMN", help="Group by {choices}.", choices=report.by)
    return {
        "by": Annotated[str | None, by],
        "word": Annotated[str | None, typer.Argument(metavar=metavar, help=meaning)],
    }
