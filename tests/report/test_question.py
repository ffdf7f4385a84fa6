"""The SQL that --show-sql prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.catalog import parse
from kevents.report.question import Question
from tests.observations import NOW, write_store

REPORT = parse(
    "mine",
    """\
-- summary = "The values of all parameters"
-- by = ["reason", "kind"]
-- order = ["by"]
-- [columns]
-- by = "text"
-- name = "text"
-- other = "text"
-- [parameters]
-- other = { value = "text", metavar = "TEXT", help = "A text." }
SELECT $by AS by, $name AS name, $other AS other, '$5' AS price
""",
)


@pytest.mark.parametrize(
    ("name", "other"),
    [("$by", "$name"), ("$other", "$by"), ("$name and $other", "'$by'"), ("it's", "\\1 \\g<0>"), ("$names", "$")],
)
def test_a_value_that_contains_a_parameter_name_is_not_substituted_again(name: str, other: str, tmp_path: Path) -> None:
    question = Question(REPORT, by="kind", name=name, values={"other": other})
    engine = Engine(write_store(tmp_path, []), Selection(), NOW)
    (row,) = engine.rows(question.shown_sql)
    assert row == {"kind": "kind", "name": name, "other": other}
