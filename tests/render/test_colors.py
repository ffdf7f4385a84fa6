"""Colors: type, reason and severity are colored by the severity of the row."""

from __future__ import annotations

import pyarrow as pa
import pytest

from kevents.result import Column, Kind, Result, Show
from tests.render.results import rendered

RED, MAGENTA, DIM, BOLD_REVERSE = "\x1b[31m", "\x1b[35m", "\x1b[2m", "\x1b[1;7;31m"

SEVERITY = Column("severity", Kind.SEVERITY)


def row_with(severity: str | None, column: Column = SEVERITY, type_: str = "Normal") -> Result:
    row = {"type": type_, "reason": "Odd", "object": "Pod/a", column.name: severity}
    schema = pa.schema([(name, pa.string()) for name in row])
    columns = (Column("type"), Column("reason"), Column("object"), column)
    return Result(columns, [pa.RecordBatch.from_pylist([row], schema)])


def line(result: Result, format_: str = "table") -> str:
    return rendered(result, format_, color=True).splitlines()[1]


@pytest.mark.parametrize(
    ("severity", "color"), [("critical", BOLD_REVERSE), ("error", RED), ("warning", MAGENTA), ("info", DIM)]
)
def test_type_reason_and_severity_have_the_color_of_the_severity(severity, color):
    assert line(row_with(severity)) == (
        f"{color}Normal\x1b[0m   {color}Odd\x1b[0m      Pod/a    {color}{severity}\x1b[0m"
    )


@pytest.mark.parametrize("severity", ["notice", None, "strange"])
def test_a_notice_and_an_unknown_severity_have_no_color(severity):
    assert "\x1b" not in line(row_with(severity))


def test_a_severity_column_that_is_not_shown_still_colors_the_row():
    assert line(row_with("error", Column("severity", Kind.SEVERITY, Show.WIDE))) == (
        f"{RED}Normal\x1b[0m   {RED}Odd\x1b[0m      Pod/a"
    )


def test_a_severity_column_of_user_sql_colors_the_row():
    assert RED in line(row_with("error", Column("severity")))


def test_the_severity_takes_precedence_over_the_type():
    assert line(row_with("info", type_="Warning")).startswith(f"{DIM}Warning")
    assert line(row_with(None, type_="Warning")).startswith(f"{MAGENTA}Warning")


def test_all_colors_are_readable_on_light_and_dark_backgrounds():
    text = "".join(line(row_with(severity)) for severity in ("critical", "error", "warning", "notice", "info"))
    for unreadable in (32, 33, 34, 36, 37, 30, 93, 96):  # green, yellow, blue, cyan, white, black
        assert f"{unreadable}m" not in text


def test_colors_are_used_only_in_tables_and_if_turned_on():
    assert "\x1b" not in rendered(row_with("critical"), "table")
    assert "\x1b" not in rendered(row_with("critical"), "markdown", color=True)
