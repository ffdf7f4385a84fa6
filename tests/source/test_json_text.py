"""The incremental JSON decoder, with text in any pieces."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.source.json_text import JsonText

VALUES = st.lists(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=10,
    ),
    max_size=8,
)


def reader(text: str, size: int) -> Callable[[int], str]:
    """Returns the text in pieces of this size."""
    pieces = iter([text[at : at + size] for at in range(0, len(text), size)])
    return lambda _: next(pieces, "")


def values(text: JsonText) -> list[Any]:
    decoded = []
    while text.skip_space():
        value, text.at = text.next_value()
        decoded.append(value)
    return decoded


@settings(deadline=None)
@given(VALUES, st.integers(1, 50), st.booleans())
def test_values_are_the_same_in_any_pieces(expected: list[Any], size: int, ensure_ascii: bool) -> None:
    text = JsonText(reader("\n".join(json.dumps(value, ensure_ascii=ensure_ascii) for value in expected), size))
    assert values(text) == expected
    assert text.ended


def test_values_that_python_cannot_represent_are_strings() -> None:
    digits = "9" * 5000
    assert values(JsonText(reader(f"[NaN, 1e999, -Infinity, {digits}]", 100))) == [
        ["NaN", "1e999", "-Infinity", digits],
    ]


def test_a_truncated_value_is_incomplete_and_a_mistake_is_not() -> None:
    for content, is_incomplete in (('{"a": "b', True), ('{"a": tru', True), ('{"a" 1}' + " " * 100, False)):
        text = JsonText(reader(content, 3))
        with pytest.raises(json.JSONDecodeError) as caught:
            text.next_value()
        assert text.is_incomplete(caught.value) == is_incomplete


def test_text_that_was_consumed_is_dropped_and_a_value_is_not_read_beyond_the_limit() -> None:
    text = JsonText(reader("[1] " * 10_000, 100), piece_size=100)
    largest = 0
    while text.skip_space():
        _, text.at = text.next_value()
        largest = max(largest, len(text.text))
    assert largest < 300
    too_long = JsonText(reader('"' + "x" * 10_000, 100), limit=1000)
    with pytest.raises(json.JSONDecodeError):
        too_long.next_value()
    assert len(too_long.text) < 1200
