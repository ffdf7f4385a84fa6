"""Lists, shows and creates reports."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.output import output_of, write, zone_of
from kevents.cli.terminal import encodable
from kevents.config import config_directory
from kevents.errors import UsageError
from kevents.escape import escape
from kevents.report.catalog import reports, text_of
from kevents.report.user_reports import user_reports, write_template
from kevents.result import Column, Result
from kevents.suggest import hint

if TYPE_CHECKING:
    from kevents.cli.flags import OutputFlags, ZoneFlags
    from kevents.cli.terminal import Terminal

_COLUMNS = (Column("report"), Column("summary"), Column("from"))


def list_reports(terminal: Terminal, built_in: Collection[str], output: OutputFlags, zone: ZoneFlags) -> None:
    """Write each report with its summary and origin. built_in: names of commands, which a custom report can't have."""
    custom = user_reports(config_directory(terminal.env), built_in)
    origins = [(report, "kevents") for report in reports().values() if report.is_command]
    origins += [(report, str(custom.directory / f"{report.name}.sql")) for report in custom.reports.values()]
    rows = [{"report": report.name, "summary": report.summary, "from": origin} for report, origin in origins]
    result = Result.of_rows(_COLUMNS, rows, notes=list(custom.broken.values()))
    write(result, output_of(output, terminal, clock.now(), zone_of(zone)), terminal)


def show_report(terminal: Terminal, built_in: Collection[str], name: str) -> None:
    """Write the file of a report."""
    custom = user_reports(config_directory(terminal.env), built_in)
    if name in custom.reports or name in custom.broken:
        text = (custom.directory / f"{name}.sql").read_text("utf-8", "replace")
    elif name in reports():
        text = text_of(f"sql/{name}.sql")
    else:
        raise UsageError(f'unknown report "{name}"', hint(name, sorted({*reports(), *custom.reports})))
    if terminal.is_interactive:
        text = escape(text.expandtabs(), keep_newlines=True)  # the file may be from somebody else
    terminal.stdout.write(encodable(text, terminal.stdout))


def create_report(terminal: Terminal, built_in: Collection[str], name: str) -> None:
    """Write a template for a custom report."""
    path = write_template(config_directory(terminal.env), name, built_in)
    terminal.note(f"Created {path}. Try it: kevents {name} --help")
