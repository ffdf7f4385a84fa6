"""Wrapped text is complete and fits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.render.fold import fold, width


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 5, [""]),
        ("abc", 5, ["abc"]),
        ("abc def", 5, ["abc", "def"]),
        ("ab cd ef", 5, ["ab cd", "ef"]),
        ("abcdefghijkl", 5, ["abcde", "fghij", "kl"]),
        ("ab cdefghij", 5, ["ab", "cdefg", "hij"]),
        ("  ab", 5, ["  ab"]),
        ("ab  cd", 5, ["ab ", "cd"]),
        ("registry.example/shop/web:2", 20, ["registry.example/", "shop/web:2"]),
        ("Pod/web-5bb5669766-jwjfk", 15, ["Pod/web-", "5bb5669766-", "jwjfk"]),
        ("a/bcdefghijkl", 10, ["a/bcdefghi", "jkl"]),  # the part ends too early in the line
        ("中文中文", 5, ["中文", "中文"]),
    ],
)
def test_text_is_wrapped_at_spaces_and_within_words_that_are_too_long(text: str, room: int, lines: list[str]) -> None:
    assert fold(text, room) == lines


@settings(deadline=None, database=None)
@given(st.text("ab 中🚀\u0301", max_size=60), st.integers(2, 20))
def test_wrapped_text_is_complete_and_fits(text: str, room: int) -> None:
    lines = fold(text, room)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= room for line in lines)
