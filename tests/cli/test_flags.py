"""Shared flags are the same for every command that has them."""

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
def test_every_question_takes_every_shared_flag(name):
    flags = {flag for parameter in _COMMANDS[name].params for flag in parameter.opts}
    for line in (
        "-n --namespace -A --all-namespaces --cluster --kind --name --for --reason --type --node --component",
        "--severity --category --grep",
        "--since --until --min-count -o --output --sort-by --limit --no-headers --time --utc --tz --as-of --color",
        "--no-csv-guard --store",
    ):
        assert not set(line.split()) - flags


def test_show_sql_is_for_reports_alone():
    having = {name for name, command in _COMMANDS.items() if any("--show-sql" in p.opts for p in command.params)}
    asked = {name for name, report in reports().items() if report.is_command}
    assert having >= asked
    assert not having & {"import", "query", "coverage", "status", "record", "tail", "store"}


def test_a_command_receives_its_groups_as_values():
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
