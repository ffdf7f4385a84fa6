"""`kevents reports`: built-in reports and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated

import typer

from kevents.cli.commands.report import add_report, flag_names
from kevents.cli.flag import takes_flags
from kevents.cli.flags import OutputFlags, ZoneFlags
from kevents.cli.program import program_of, terminal_of
from kevents.cli.typer_help import App, help_text
from kevents.config import config_directory
from kevents.errors import UsageError
from kevents.report.user_reports import user_reports

HELP = """List, show and create SQL reports.

Custom reports live in reports/ next to config.toml; each becomes a command with filters, every format and --help.

\b
    kevents reports list
    kevents reports show reasons
    kevents reports new node-warnings
"""


def register(app: typer.Typer) -> None:
    group = App(help=HELP, no_args_is_help=True)
    list_help = help_text(
        "List all reports with their summaries.", "kevents reports list", "kevents reports list -o json"
    )
    show_help = help_text("Print the SQL of a report.", "kevents reports show reasons")
    new_help = help_text("Create a custom report from a commented template.", "kevents reports new node-warnings")
    group.command("list", help=list_help)(takes_flags(list_))
    group.command("show", help=show_help)(show)
    group.command("new", help=new_help)(new)
    app.add_typer(group, name="reports")


def register_user_reports(app: typer.Typer, env: Mapping[str, str]) -> None:
    """Add the user's own reports to the app. A broken report fails with its error when it is called."""
    built_in = command_names(app)
    custom = user_reports(config_directory(env), built_in, flag_names())
    for report in custom.reports.values():
        add_report(app, report)
    for name, problem in custom.broken.items():
        if name not in built_in:
            any_words = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
            app.command(name, help=problem, hidden=True, context_settings=any_words)(_refuse(problem))


def list_(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags) -> None:
    from kevents.cli.actions.reports import list_reports

    list_reports(terminal_of(context), _built_in(context), output, zone)


def show(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="REPORT", help="Name of the report.")]
) -> None:
    from kevents.cli.actions.reports import show_report

    show_report(terminal_of(context), _built_in(context), name)


def new(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the report.")]
) -> None:
    from kevents.cli.actions.reports import create_report

    create_report(terminal_of(context), _built_in(context), name)


def command_names(app: typer.Typer) -> Collection[str]:
    """The names of the app's commands and groups."""
    names = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    return {name for name in names if name}


def _built_in(context: typer.Context) -> Collection[str]:
    return command_names(program_of(context).build(None))


def _refuse(problem: str) -> Callable[[], None]:
    def refuse() -> None:
        raise UsageError(problem)

    return refuse
