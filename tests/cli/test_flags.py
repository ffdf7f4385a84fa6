"""Groups of flags are the same for all commands that have them."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import typer

from kevents.cli.app import build
from kevents.cli.flag import takes_flags
from kevents.cli.flags import OutputFlags, SelectionFlags
from kevents.report.catalog import reports

_COMMANDS: dict[str, Any] = typer.main.get_command(build()).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["list", "get", "reasons", "counts", "images", "query"])
def test_every_report_and_query_have_all_shared_flags(name):
    flags = {flag for parameter in _COMMANDS[name].params for flag in parameter.opts}
    for line in (
        "-n --namespace -A --all-namespaces --cluster --kind --name --for --reason --type --node --component",
        "--severity --category --grep",
        "--since --until --min-count -o --output --sort-by --limit --no-headers --time --utc --tz --as-of --color",
        "--no-csv-guard --store",
    ):
        assert not set(line.split()) - flags


def test_only_reports_have_show_sql():
    commands = {name for name, command in _COMMANDS.items() if any("--show-sql" in p.opts for p in command.params)}
    report_names = {name for name, report in reports().items() if report.is_command}
    assert commands >= report_names
    assert not commands & {"import", "query", "coverage", "status", "record", "tail", "store"}


def test_a_command_receives_its_groups_of_flags():
    received = {}

    def command(word: Annotated[str, typer.Argument()], selection: SelectionFlags, output: OutputFlags) -> None:
        received.update(word=word, selection=selection, output=output)

    app = typer.Typer(rich_markup_mode=None)
    app.command()(takes_flags(command))
    typer.main.get_command(app).main(["x", "-n", "a", "-n", "b", "-o", "json"], standalone_mode=False)
    assert received == {
        "word": "x",
        "selection": SelectionFlags(namespace=["a", "b"]),
        "output": OutputFlags(output="json"),
    }
