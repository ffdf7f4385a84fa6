"""Drawings and optional columns in tables: they shrink or disappear if the terminal is narrow."""

from __future__ import annotations

import pyarrow as pa
import pytest

from kevents.result import Column, Kind, Result, Show
from tests.render.results import rendered


def reasons(*names: str) -> Result:
    """A result like that of `kevents reasons`."""
    columns = (
        Column("reason"),
        Column("occurrences", Kind.NUMBER),
        Column("bar", Kind.BAR, Show.DRAWN, label=""),
        Column("trend", Kind.SPARK, label="OVER TIME"),
    )
    amounts = [4 // 2**turn for turn in range(len(names))]
    rows = {"reason": names, "occurrences": amounts, "bar": amounts, "trend": [[0] * 22 + [1, 1]] * len(names)}
    return Result(columns, [pa.record_batch({name: pa.array(values) for name, values in rows.items()})])


FULL, HALF = "█" * 20, "█" * 10
LONG_SPARK = "▁" * 22 + "██"
SHORT_SPARK = "▁" * 11 + "█"


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            160,
            "REASON    OCCURRENCES                          OVER TIME\n"
            f"BackOff             4   {FULL}   {LONG_SPARK}\n"
            f"Failed              2   {HALF}             {LONG_SPARK}\n",
        ),
        (
            71,  # just wide enough for everything
            "REASON    OCCURRENCES                          OVER TIME\n"
            f"BackOff             4   {FULL}   {LONG_SPARK}\n"
            f"Failed              2   {HALF}             {LONG_SPARK}\n",
        ),
        (
            70,
            "REASON    OCCURRENCES              OVER TIME\n"
            f"BackOff             4   ████████   {LONG_SPARK}\n"
            f"Failed              2   ████       {LONG_SPARK}\n",
        ),
        (
            58,
            "REASON    OCCURRENCES              OVER TIME\n"
            f"BackOff             4   ████████   {SHORT_SPARK}\n"
            f"Failed              2   ████       {SHORT_SPARK}\n",
        ),
        (
            46,
            "REASON    OCCURRENCES   OVER TIME\n"
            f"BackOff             4   {SHORT_SPARK}\n"
            f"Failed              2   {SHORT_SPARK}\n",
        ),
        (35, "REASON    OCCURRENCES\nBackOff             4\nFailed              2\n"),
        (20, "REASON   OCCURRENCES\nBackOff            4\nFailed             2\n"),
        (10, "REASON\n    OCCURRENCES\nBackOff\n              4\nFailed\n              2\n"),
    ],
)
def test_drawings_shrink_and_disappear_first(width: int, expected: str) -> None:
    assert rendered(reasons("BackOff", "Failed"), "table", width=width) == expected


def test_drawings_shrink_before_a_name_is_wrapped() -> None:
    name = "Pod/" + "a" * 40
    assert rendered(reasons(name), "table", width=100).splitlines()[1] == (
        f"{name}             4   ████████   {LONG_SPARK}"
    )


def with_severities(*severities: str) -> Result:
    """Reasons with a severity column that is shown if there is room."""
    columns = (Column("reason"), Column("worst", Kind.SEVERITY, Show.ROOMY, label="SEVERITY"), Column("object"))
    names = [f"Reason{turn}" for turn in range(len(severities))]
    rows = {"reason": names, "worst": severities, "object": names}
    return Result(columns, [pa.record_batch({name: pa.array(values) for name, values in rows.items()})])


def test_a_column_that_needs_room_is_shown_if_a_row_stays_on_one_line() -> None:
    assert (
        rendered(with_severities("error", "info"), "table", width=30).splitlines()[0] == "REASON    SEVERITY   OBJECT"
    )
    assert rendered(with_severities("error", "info"), "table", width=20).splitlines()[0] == "REASON    OBJECT"
    assert "SEVERITY" in rendered(with_severities("error", "info"), "table")  # a pipe has no limit


def test_a_column_that_needs_room_is_hidden_if_all_values_are_equal() -> None:
    assert "SEVERITY" not in rendered(with_severities("error", "error"), "table")
    assert "error" in rendered(with_severities("error", "error"), "csv")
