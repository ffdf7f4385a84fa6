"""Colours: a row's reason and type are as bad as its severity, on dark and on light terminals."""

from __future__ import annotations

import pyarrow as pa
import pytest

from kevents.result import Column, Kind, Result, Show
from tests.render.answers import written

RED, MAGENTA, DIM, LOUD = "\x1b[31m", "\x1b[35m", "\x1b[2m", "\x1b[1;7;31m"


SEVERITY = Column("severity", Kind.SEVERITY)


def rated(severity: str | None, column: Column = SEVERITY, type_: str = "Normal") -> Result:
    row = {"type": type_, "reason": "Odd", "object": "Pod/a", column.name: severity}
    schema = pa.schema([(name, pa.string()) for name in row])
    columns = (Column("type"), Column("reason"), Column("object"), column)
    return Result(columns, [pa.RecordBatch.from_pylist([row], schema)])


def line(result: Result, format_: str = "table") -> str:
    return written(result, format_, color=True).splitlines()[1]


@pytest.mark.parametrize(
    ("severity", "color"), [("critical", LOUD), ("error", RED), ("warning", MAGENTA), ("info", DIM)]
)
def test_type_reason_and_severity_have_the_colour_of_the_severity(severity, color):
    assert line(rated(severity)) == (f"{color}Normal\x1b[0m   {color}Odd\x1b[0m      Pod/a    {color}{severity}\x1b[0m")


@pytest.mark.parametrize("severity", ["notice", None, "strange"])
def test_what_is_only_worth_reading_looks_like_all_else(severity):
    assert "\x1b" not in line(rated(severity))


def test_a_severity_that_is_not_shown_colours_its_row():
    assert line(rated("error", Column("severity", Kind.SEVERITY, Show.WIDE))) == (
        f"{RED}Normal\x1b[0m   {RED}Odd\x1b[0m      Pod/a"
    )


def test_in_a_users_own_sql_too():
    assert RED in line(rated("error", Column("severity")))


def test_the_severity_outweighs_the_type():
    assert line(rated("info", type_="Warning")).startswith(f"{DIM}Warning")
    assert line(rated(None, type_="Warning")).startswith(f"{MAGENTA}Warning")


def test_no_colour_is_unreadable_on_a_light_or_on_a_dark_ground():
    text = "".join(line(rated(severity)) for severity in ("critical", "error", "warning", "notice", "info"))
    for unreadable in (32, 33, 34, 36, 37, 30, 93, 96):  # green, yellow, blue, cyan, white, black
        assert f"{unreadable}m" not in text


def test_only_where_colours_are_wanted():
    assert "\x1b" not in written(rated("critical"), "table")
    assert "\x1b" not in written(rated("critical"), "markdown", color=True)
