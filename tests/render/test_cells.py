"""Cells in the formats for people: each kind, extreme values and missing values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from kevents.render import drawing, units
from kevents.result import Kind
from tests.render.results import NOW, TIME, column_of, event_list, observation, rendered

BERLIN = ZoneInfo("Europe/Berlin")


def cell(kind: Kind, value: object, array: pa.DataType | None = None, **look: object) -> str:
    return rendered(column_of(kind, [value], array), "table", headers=False, **look).removesuffix("\n")


@pytest.mark.parametrize(
    ("amount", "printed"),
    [
        (0, "0B"),
        (1023, "1023B"),
        (1024, "1KiB"),
        (1536, "1.5KiB"),
        (3810510, "3.6MiB"),
        (104804147, "99.9MiB"),
        (104857600, "100MiB"),
        (1048575, "1MiB"),
        (5 * 2**40, "5TiB"),
        (2**70, "1024EiB"),
        (-2048, "-2KiB"),
    ],
)
def test_bytes_are_counted_in_powers_of_1024(amount: int, printed: str) -> None:
    assert units.size(amount) == printed


@pytest.mark.parametrize(
    ("share", "printed"), [(0, "0%"), (0.04, "<0.1%"), (0.05, "0.1%"), (12.46, "12.5%"), (100, "100%")]
)
def test_a_percentage_has_one_decimal_and_small_values_are_not_zero(share: float, printed: str) -> None:
    assert units.percent(share) == printed


@pytest.mark.parametrize(
    ("rate", "printed"), [(0, "0/m"), (0.0214, "0.021/m"), (1, "1/m"), (4.435, "4.4/m"), (1200, "1200/m")]
)
def test_a_rate_is_per_minute(rate: float, printed: str) -> None:
    assert units.rate(rate) == printed


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (0, "0"),
        (10**30, "1" + "0" * 30),
        (2.0, "2"),
        (2.5, "2.5"),
        (1 / 3, "0.333"),
        (0.00012345, "0.000123"),
    ],
)
def test_a_number_is_short_and_small_numbers_are_not_zero(number: float, printed: str) -> None:
    assert units.number(number) == printed


@pytest.mark.parametrize(
    ("kind", "value", "printed"),
    [
        (Kind.DURATION, 0.308, "308ms"),
        (Kind.DURATION, 0.000015, "15µs"),
        (Kind.BYTES, 3810510, "3.6MiB"),
        (Kind.PERCENT, 33.3, "33.3%"),
        (Kind.RATE, 4.4, "4.4/m"),
        (Kind.NUMBER, True, "true"),
        (Kind.NUMBER, "many\x1b", "many^["),
        (Kind.TEXT, True, "true"),
        (Kind.TEXT, 1.5, "1.5"),
        (Kind.TEXT, ["a\x1b", None], r'["a\u001b",null]'),
        (Kind.TEXT, {"k": "\u202e"}, r'{"k":"\u202e"}'),
        (Kind.SPARK, [0, 1, 7], "▁▂█"),
        (Kind.BAR, 5, "█" * 20),
    ],
)
def test_each_kind_has_its_own_format(kind: Kind, value: object, printed: str) -> None:
    assert cell(kind, value) == printed


@pytest.mark.parametrize("kind", [Kind.NUMBER, Kind.DURATION, Kind.BYTES, Kind.PERCENT, Kind.RATE])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_missing_amount_is_a_dash(kind: Kind, value: float | None) -> None:
    assert cell(kind, value, pa.float64()) == "-"


@pytest.mark.parametrize("name", ["table", "wide", "markdown"])
def test_whitespace_around_text_is_trimmed_for_people_as_in_kubectl(name: str) -> None:
    message = "\n Readiness probe failed: \t two\nlines \u2028\r\n"
    text = rendered(column_of(Kind.TEXT, [message]), name, headers=False)
    assert text.strip("| \n").replace("\\\\", "\\") == r"Readiness probe failed: \t two\nlines"


def test_whitespace_around_text_is_kept_for_scripts() -> None:
    assert rendered(column_of(Kind.TEXT, [" failed:\n"]), "jsonl") == '{"x":" failed:\\n"}\n'
    assert rendered(column_of(Kind.TEXT, [" failed:\n"]), "tsv", headers=False) == " failed:\\n\n"


def test_missing_text_and_drawings_are_empty() -> None:
    assert [cell(kind, None, pa.string()) for kind in (Kind.TEXT, Kind.BAR, Kind.SPARK)] == ["", "", ""]


@pytest.mark.parametrize(
    ("time", "zone", "printed"),
    [
        ("age", UTC, "19m"),
        ("absolute", UTC, "2026-11-21 00:16:17Z"),
        ("absolute", BERLIN, "2026-11-21 01:16:17+01:00"),
        ("both", UTC, "19m 2026-11-21 00:16:17Z"),
    ],
)
def test_a_time_is_an_age_or_absolute_or_both(time: str, zone: tzinfo, printed: str) -> None:
    moment = NOW - timedelta(minutes=19)
    assert cell(Kind.TIME, moment, TIME, time=time, zone=zone) == printed
    assert cell(Kind.SEEN, moment, TIME, time=time, zone=zone) == printed


@pytest.mark.parametrize(
    ("time", "printed"),
    [
        ("age", "19m (x4524 over 17h)"),
        ("absolute", "2026-11-21 00:16:17Z (x4524 over 16h)"),  # the span itself: 17 h ago until 19 minutes ago
        ("both", "19m (x4524 over 17h) 2026-11-21 00:16:17Z"),
    ],
)
def test_a_repeated_event_shows_its_count(time: str, printed: str) -> None:
    assert rendered(event_list(observation()), "table", headers=False, time=time).startswith(printed + "   Warning")


def test_a_single_occurrence_shows_the_time_of_first_seen_as_in_kubectl() -> None:
    row = observation(count=1, last_seen=NOW, first_seen=NOW - timedelta(minutes=2))
    assert rendered(event_list(row), "table", headers=False).startswith("2m   ")


@pytest.mark.parametrize("time", ["age", "absolute", "both"])
def test_a_missing_time_is_a_dash_or_unknown_where_kubectl_shows_unknown(time: str) -> None:
    assert cell(Kind.TIME, None, TIME, time=time) == "-"
    assert cell(Kind.SEEN, None, TIME, time=time) == "<unknown>"
    row = observation(last_seen=None, first_seen=None, count=3)
    text = rendered(event_list(row), "table", headers=False, time=time)
    assert text.startswith("<unknown> (x3 over <unknown>)   ")


@pytest.mark.parametrize(
    ("microseconds", "age", "absolute"),
    [
        (2**63 - 1, "<invalid>", "<invalid>"),  # DuckDB's infinity
        (-(2**63) + 1, "292y", "<invalid>"),
        (-62135596800_000_000, "292y", "0001-01-01 00:00:00Z"),
        (253402300799_000_000, "<invalid>", "9999-12-31 23:59:59Z"),
    ],
)
def test_impossible_times_are_shown_as_invalid_or_very_old(microseconds: int, age: str, absolute: str) -> None:
    moments = pa.array([microseconds], pa.int64()).cast(TIME)
    assert cell(Kind.TIME, moments[0], TIME) == age
    assert cell(Kind.TIME, moments[0], TIME, time="absolute") == absolute


def test_a_time_out_of_range_in_a_time_zone_is_invalid() -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    assert cell(Kind.TIME, first, TIME, time="absolute", zone=ZoneInfo("America/New_York")) == "<invalid>"


def test_a_value_that_is_not_a_time_is_shown_unchanged() -> None:
    assert cell(Kind.TIME, "yesterday") == "yesterday"
    assert cell(Kind.SEEN, 12) == "12"


def test_last_seen_without_count_and_first_seen_is_an_age() -> None:
    assert rendered(column_of(Kind.SEEN, [NOW], TIME), "table", headers=False) == "0s\n"


@pytest.mark.parametrize(
    ("values", "blocks", "ascii_levels"),
    [
        ([], "", ""),
        ([0, 0], "▁▁", "__"),
        ([None, 1], "▁█", "_#"),
        ([1, 1000], "▂█", ".#"),  # a small value differs from zero
        ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█", "_.:-=+*#"),
    ],
)
def test_a_sparkline_is_scaled_to_its_largest_value(values: list[float | None], blocks: str, ascii_levels: str) -> None:
    assert drawing.spark(values, blocks=True) == blocks
    assert drawing.spark(values, blocks=False) == ascii_levels


@pytest.mark.parametrize(
    ("values", "slots", "drawn"),
    [
        ([0, 0, 1, 6, 0, 0, 2, 5], 4, "▁█▁█"),
        ([7, 0, 0, 7, 1, 1], 3, "██▃"),
        ([1, 1, 1, 1, 1], 2, "█▆"),  # sums of three and two
        ([0, 1], 12, "▁█"),
        ([0, 1], None, "▁█"),
    ],
)
def test_a_short_sparkline_sums_neighbors(values: list[float | None], slots: int | None, drawn: str) -> None:
    assert drawing.spark(values, slots, blocks=True) == drawn


def test_a_shorter_bar_has_the_same_scale() -> None:
    assert drawing.bar(50, 100, 8, blocks=True) == "█" * 4
    assert drawing.bar(100, 100, 8, blocks=False) == "#" * 8


@pytest.mark.parametrize(
    ("value", "blocks", "ascii_bar"),
    [
        (0, "", ""),
        (-1, "", ""),
        (0.0001, "▏", "#"),
        (50, "█" * 10, "#" * 10),
        (52.5, "█" * 10 + "▌", "#" * 10),
        (100, "█" * 20, "#" * 20),
    ],
)
def test_a_bar_is_scaled_to_the_largest_value_of_its_column(value: float, blocks: str, ascii_bar: str) -> None:
    assert drawing.bar(value, 100, blocks=True) == blocks
    assert drawing.bar(value, 100, blocks=False) == ascii_bar
