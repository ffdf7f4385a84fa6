"""Every value that DuckDB can return becomes a plain JSON value."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from kevents import duck
from kevents.render.plain import values


def value_of(expression: str) -> Any:
    table = duck.connect().sql(f"SELECT {expression} AS x").to_arrow_table()
    return values(table.column("x").combine_chunks())[0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("NULL", None),
        ("true", True),
        ("'text'", "text"),
        ("9223372036854775807", 2**63 - 1),
        ("170141183460469231731687303715884105727::HUGEINT", 2**127 - 1),
        ("sum(10::BIGINT)", 10),
        ("1.25::DECIMAL(9, 2)", 1.25),
        ("2.00::DECIMAL(9, 2)", 2),
        ("0.1::DOUBLE", 0.1),
        ("'nan'::DOUBLE", None),
        ("'infinity'::FLOAT", None),
        ("TIMESTAMPTZ '2026-11-21 02:14:25+02'", "2026-11-21T00:14:25Z"),
        ("TIMESTAMPTZ '2026-11-21 00:14:25.577671Z'", "2026-11-21T00:14:25.577671Z"),
        ("TIMESTAMPTZ '2026-11-21 00:14:25.500Z'", "2026-11-21T00:14:25.5Z"),
        ("TIMESTAMPTZ '0001-01-01 00:00:00Z'", "0001-01-01T00:00:00Z"),
        ("TIMESTAMPTZ '9999-12-31 23:59:59Z'", "9999-12-31T23:59:59Z"),
        ("'infinity'::TIMESTAMPTZ", "infinity"),
        ("'-infinity'::TIMESTAMP", "-infinity"),
        ("TIMESTAMP '2026-11-21 00:14:25'", "2026-11-21T00:14:25"),
        ("TIMESTAMP_NS '2026-11-21 00:14:25.123456789'", "2026-11-21T00:14:25.123456789"),
        ("DATE '2026-11-21'", "2026-11-21"),
        ("'infinity'::DATE", "infinity"),
        ("TIME '10:30:00'", "10:30:00"),
        ("TIME '24:00:00'", "24:00:00"),
        ("INTERVAL '1 month 2 days 3.5 seconds'", "P1M2DT3.5S"),
        ("INTERVAL '0 seconds'", "PT0S"),
        ("INTERVAL '-1.5 seconds'", "PT-1.5S"),
        ("INTERVAL '10 days'", "P10D"),
        ("'abc\\xFF'::BLOB", "YWJj/w=="),
        ("'1dea5d76-5201-4c31-a9e3-3d3c9aa799b1'::UUID", "1dea5d76-5201-4c31-a9e3-3d3c9aa799b1"),
        ("'a'::ENUM ('a', 'b')", "a"),
        ("[1, NULL, 3]", [1, None, 3]),
        ("[]::INTEGER[]", []),
        ("[1, 2]::INTEGER[2]", [1, 2]),
        ("[['nan'::DOUBLE], NULL]", [[None], None]),
        ("{'a': 1, 'b': ['infinity'::TIMESTAMP]}", {"a": 1, "b": ["infinity"]}),
        ("MAP {'k': INTERVAL '1 day'}", {"k": "P1D"}),
        ("MAP {1: 'x'}", {"1": "x"}),
        ("union_value(number := 2)", 2),
        ("""'{"a": 1}'::JSON""", '{"a": 1}'),
    ],
)
def test_every_duckdb_type_becomes_a_plain_value(expression: str, value: Any) -> None:
    plain = value_of(expression)
    assert plain == value
    assert type(plain) is type(value)
    json.dumps(plain, allow_nan=False)


def test_nested_values_of_a_slice_with_nulls_stay_in_their_rows() -> None:
    rows = (
        duck.connect()
        .sql(
            """SELECT CASE WHEN i % 3 <> 0 THEN [i, -i] END AS list, CASE WHEN i % 2 = 0 THEN {'i': i} END AS struct,
            MAP {i: 'x'} AS map, [i]::INTEGER[1] AS array, [[i]] AS lists FROM range(7) AS t(i)"""
        )
        .to_arrow_table()
    )
    sliced = [values(column.combine_chunks().slice(2, 3)) for column in rows.columns]
    assert sliced == [
        [[2, -2], None, [4, -4]],
        [{"i": 2}, None, {"i": 4}],
        [{"2": "x"}, {"3": "x"}, {"4": "x"}],
        [[2], [3], [4]],
        [[[2]], [[3]], [[4]]],
    ]


def test_rare_arrow_types_become_plain_values() -> None:
    assert values(pa.array([b"\xff"], pa.large_binary())) == ["/w=="]
    assert values(pa.array(["x"], pa.string_view())) == ["x"]
    assert values(pa.array([1_500_000], pa.duration("us"))) == [1.5]
    uuid = pa.array([b"\0" * 16], pa.uuid())
    assert values(uuid) == ["00000000-0000-0000-0000-000000000000"]
