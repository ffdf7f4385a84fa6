"""Members of JSON text are found without decoding it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kevents.source.json_scan import ValueScan, find_member, without_member

TEXT = st.text(st.sampled_from('ab"\\{}[]:,ü'), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, VALUES, max_size=3), VALUES, st.dictionaries(TEXT, VALUES, max_size=3), VALUES)
def test_a_member_is_found_and_cut_out(
    before: dict[str, Any], value: object, after: dict[str, Any], decoy: object
) -> None:
    rest = {"x": {"f": decoy, "m": {"f": decoy}}, "m": {**before, **after}, "y": [{"m": {"f": 1}}, "f"]}
    document = {**rest, "m": {**before, "f": value, **after}}
    for separators in ((",", ":"), (" , ", " : ")):
        text = json.dumps(document, separators=separators).encode()
        member = find_member(text, (b"m", b"f"))
        assert member is not None
        assert json.loads(text[member.value : member.end]) == value
        assert json.loads(without_member(text, (b"m", b"f"))) == rest


@pytest.mark.parametrize(
    "text", [b"{}", b'{"m":1}', b'{"m":[{"f":1}]}', b'["m",{"f":1}]', b'{"m":"f"}', b'{"m":{"g":"f"}}']
)
def test_a_member_that_is_absent(text: bytes) -> None:
    assert find_member(text, (b"m", b"f")) is None
    assert without_member(text, (b"m", b"f")) == text


@given(st.lists(VALUES, max_size=4) | st.dictionaries(TEXT, VALUES, max_size=4), st.integers(1, 5))
def test_the_end_of_a_value_that_arrives_in_pieces(value: object, size: int) -> None:
    text = json.dumps(value, ensure_ascii=False)
    scan = ValueScan()
    for end in range(size, len(text), size):
        assert scan.end("  " + text[:end], 2) is None
    assert scan.end(text + ',"]}', 0) == len(text)
