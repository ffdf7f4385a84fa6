"""`kevents reports`: the questions that ship and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.commands.report import add_report
from kevents.cli.flags import OutputFlags, ZoneFlags, takes_flags
from kevents.cli.grammar import App, help_text
from kevents.cli.program import program_of, terminal_of
from kevents.config import config_folder
from kevents.errors import UsageError
from kevents.report.catalog import reports as shipped
from kevents.report.user_reports import OwnReports, own_reports, write_template
from kevents.suggest import hint

if TYPE_CHECKING:
    pass

HELP = """List, show and begin reports: SQL files that are commands.

Your own lie in the folder reports beside config.toml; each is a command with help, filters and every format.

\b
    kevents reports list
    kevents reports show reasons
    kevents reports new node-warnings
"""

_LISTED = ("kevents reports list", "kevents reports list -o json")
_SHOWN = "kevents reports show reasons"
_NEW = "kevents reports new node-warnings"


def register(app: typer.Typer) -> None:
    group = App(help=HELP, no_args_is_help=True)
    group.command("list", help=help_text("List all reports, with a line each.", *_LISTED))(takes_flags(list_))
    group.command("show", help=help_text("Print the SQL of a report, as its file has it.", _SHOWN))(show)
    group.command("new", help=help_text("Begin a report of your own, with every line explained.", _NEW))(new)
    app.add_typer(group, name="reports")


def register_own(app: typer.Typer, env: Mapping[str, str]) -> None:
    """Add the user's own reports to the app; one that is broken says why when it is called."""
    taken = _commands(app)
    own = own_reports(config_folder(env), taken)
    for report in own.reports.values():
        add_report(app, report)
    for name, problem in own.broken.items():
        if name not in taken:
            whatever = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
            app.command(name, help=problem, hidden=True, context_settings=whatever)(_refusing(problem))


def list_(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags) -> None:
    import pyarrow as pa

    from kevents import clock
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.output import write
    from kevents.result import Column, Result

    terminal = terminal_of(context)
    own = _own(context)
    told = [(one, "kevents") for one in shipped().values() if one.is_command]
    told += [(one, str(own.folder / f"{one.name}.sql")) for one in own.reports.values()]
    rows = [{"report": one.name, "summary": one.summary, "from": source} for one, source in told]
    columns = (Column("report"), Column("summary"), Column("from"))
    schema = pa.schema([(column.name, pa.string()) for column in columns])
    result = Result(columns, [pa.RecordBatch.from_pylist(rows, schema)], notes=list(own.broken.values()))
    write(result, output_of(output, clock.now(), zone_of(zone)), terminal)


def show(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="REPORT", help="A report's name.")]
) -> None:
    from kevents.cli.console import encodable
    from kevents.report.catalog import text_of

    terminal = terminal_of(context)
    own = _own(context)
    if name in own.reports or name in own.broken:
        text = (own.folder / f"{name}.sql").read_text("utf-8", "replace")
    elif name in shipped():
        text = text_of(name)
    else:
        raise UsageError(f"there is no report {name}", hint(name, sorted({*shipped(), *own.reports})))
    terminal.stdout.write(encodable(text, terminal.stdout))


def new(context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")]) -> None:
    terminal = terminal_of(context)
    path = write_template(config_folder(terminal.env), name, _built_in(context))
    terminal.note(f"{path} is there now. It runs as it stands: kevents {name} --help")


def _own(context: typer.Context) -> OwnReports:
    return own_reports(config_folder(terminal_of(context).env), _built_in(context))


def _built_in(context: typer.Context) -> Collection[str]:
    return _commands(program_of(context).build(None))


def _commands(app: typer.Typer) -> Collection[str]:
    named = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    return {name for name in named if name}


def _refusing(problem: str) -> Callable[[], None]:
    def refuse() -> None:
        raise UsageError(problem)

    return refuse
