"""The overview of commands: a sentence each, whole."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kevents.cli.app import build
from kevents.report.catalog import reports


@pytest.mark.parametrize("group", [[], ["store"]])
def test_every_command_is_summed_up_in_a_whole_sentence(group: list[str]) -> None:
    shown = CliRunner().invoke(build(), [*group, "--help"], env={"COLUMNS": "80"}).output
    lines = shown.partition("Commands:\n")[2].splitlines()
    assert lines
    for line in lines:
        name, summary = line.split(maxsplit=1)
        assert summary.endswith("."), name
        assert not summary.endswith("..."), name
        assert len(summary) <= 60, name


def test_no_report_has_two_columns_under_one_header() -> None:
    for report in reports().values():
        headers = [column.header for column in report.columns if column.header]
        assert len(headers) == len(set(headers)), report.name
