"""A histogram as people see it: a row a bucket, time running down, with its series as one stacked bar."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    import pyarrow as pa

_NO_NAME = "<none>"  # as kubectl writes what has no value


def stacked(result: Result, table: pa.Table, by: str) -> Result:
    """The rows of a histogram, sorted by bucket and place, with a bar for each bucket instead of a row a series."""
    import pyarrow as pa

    rows = table.to_pylist()
    names = [_NO_NAME if row[by] is None else row[by] for row in rows if row["start"] == rows[0]["start"]]
    bars = [rows[first : first + len(names)] for first in range(0, len(rows), len(names))]
    totals = [sum(bar[place]["occurrences"] for bar in bars) for place in range(len(names))]
    drawn = [_bar([row["occurrences"] for row in bar], bar[0]) for bar in bars]
    columns = (
        Column("start", Kind.TIME, label="TIME"),
        Column("occurrences", Kind.NUMBER, label="TOTAL"),
        Column(
            "bar",
            Kind.STACK,
            label="",
            series=tuple(f"{name} {total}" for name, total in zip(names, totals, strict=True)),
        ),
        Column("coverage", show=Show.VARIES, label=""),
    )
    types = (table.schema.field("start").type, pa.int64(), pa.list_(pa.int64()), pa.string())
    schema = pa.schema([(column.name, type_) for column, type_ in zip(columns, types, strict=True)])
    return replace(result, columns=columns, batches=[pa.RecordBatch.from_pylist(drawn, schema)])


def _bar(parts: list[int], told: dict[str, float]) -> dict[str, object]:
    missed = told["missed"]
    is_blind = missed >= 100 and not any(parts)
    return {
        "start": told["start"],
        "occurrences": None if is_blind else sum(parts),
        "bar": None if is_blind else parts,
        "coverage": "not watched" if missed >= 100 else f"{missed:.0f}% not watched" if missed >= 1 else "",
    }
