"""Stacked bars: lengths, fill characters, legend and colors."""

from __future__ import annotations

import pyarrow as pa
import pytest

from kevents.render import drawing, markdown, table
from kevents.render.fold import width
from kevents.render.look import Look
from kevents.result import Column, Kind, Result
from tests.observations import NOW

COLUMNS = (
    Column("bucket"),
    Column("bar", Kind.STACK, label="", series=("BackOff 12", "\x1b[31mevil 3", "other 1")),
)
ROWS = [{"bucket": "a", "bar": [8, 2, 0]}, {"bucket": "b", "bar": [4, 0, 1]}, {"bucket": "c", "bar": None}]


def result() -> Result:
    return Result(COLUMNS, [pa.RecordBatch.from_pylist(ROWS)])


@pytest.mark.parametrize(
    ("values", "largest", "expected"),
    [
        ([8, 2, 0], 10, "████████▒▒"),
        ([4, 0, 1], 10, "████▞"),
        ([999, 1, 0], 1000, "█████████▒"),  # each value above zero has a cell
        ([1, 1, 1], 1000, "█"),  # if there are enough cells
        ([0, 0, 0], 10, ""),
        (None, 10, "┈" * 10),
    ],
)
def test_a_bar_is_scaled_to_its_sum_and_its_segments_to_their_shares(values, largest, expected):
    assert drawing.stack(values, largest, 10, blocks=True) == expected


def test_fill_characters_are_distinct_in_blocks_and_in_ascii():
    for fills in (drawing.FILLS, drawing.ASCII_FILLS):
        assert len(set(fills)) == len(fills) == 8
    assert drawing.ASCII_FILLS.isascii()


def test_a_table_has_a_legend_and_bars_that_fill_the_line():
    text = "".join(table.chunks(result(), Look(now=NOW, width=40)))
    lines = text.splitlines()
    assert lines[0] == "█ BackOff 12   ▒ ^[[31mevil 3"
    assert lines[1] == "▞ other 1"
    assert max(map(width, lines)) == 40
    assert lines[4].startswith("a        █") and lines[4].endswith("▒▒▒▒▒▒")
    assert set(lines[6].split()[1]) == {"┈"}


def test_an_ascii_encoding_has_ascii_bars_and_legend():
    text = "".join(table.chunks(result(), Look(now=NOW, width=40, encoding="ascii")))
    assert text.isascii()
    assert "# BackOff 12   = ^[[31mevil 3   o other 1" in "".join(
        table.chunks(result(), Look(now=NOW, encoding="ascii"))
    )


def test_bars_are_colored_only_if_colors_are_turned_on():
    plain = "".join(table.chunks(result(), Look(now=NOW)))
    assert "\x1b" not in plain
    colored = "".join(table.chunks(result(), Look(now=NOW, color=True)))
    assert "\x1b[34m█\x1b[0m BackOff 12" in colored
    assert "\x1b[33m▒▒" in colored


def test_markdown_has_the_legend_above_the_table():
    lines = "".join(markdown.chunks(result(), Look(now=NOW, color=True))).splitlines()
    assert lines[0].startswith("█ BackOff 12   ▒ ^\\[\\[31mevil 3")
    assert lines[2] == "| BUCKET |  |"
