"""Patterns of filter values: exclusion, wildcards, and the LIKE patterns made from them."""

from __future__ import annotations

import pytest

from kevents import duck
from kevents.query.pattern import Pattern, are_exact, exact, excluded, included, single_exact


@pytest.mark.parametrize(
    ("value", "text", "is_excluded", "is_wildcard", "is_exact"),
    [
        ("web-1", "web-1", False, False, True),
        ("!web-1", "web-1", True, False, False),
        ("web-*", "web-*", False, True, False),
        ("!web-*", "web-*", True, True, False),
        ("!!web", "!web", True, False, False),  # only the first one excludes
        ("", "", False, False, True),
    ],
)
def test_a_value_is_parsed_into_text_and_exclusion(
    value: str, text: str, is_excluded: bool, is_wildcard: bool, is_exact: bool
) -> None:
    pattern = Pattern.parse(value)
    assert (pattern.text, pattern.is_excluded) == (text, is_excluded)
    assert (pattern.is_wildcard, pattern.is_exact) == (is_wildcard, is_exact)


@pytest.mark.parametrize(
    ("value", "text", "matches"),
    [
        ("web-1", "web-1", True),
        ("web-1", "web-15", False),
        ("!web-1", "web-1", True),  # whether a match excludes is up to the filter
        ("web-*", "web-", True),
        ("web-*", "my-web-1", False),
        ("*b*", "abc", True),
        ("a*c", "a\nc", True),
        ("a%c*", "a%cd", True),
        ("a%c*", "axcd", False),
        ("a_c*", "abc", False),
        ("a\\*", "a\\b", True),
        ("a.c", "abc", False),
    ],
)
def test_python_and_sql_match_the_same_texts(value: str, text: str, matches: bool) -> None:
    pattern = Pattern.parse(value)
    assert pattern.matches(text) is matches
    sql = "SELECT $1 LIKE $2 ESCAPE '\\'"
    assert duck.connect().execute(sql, [text, pattern.like]).fetchall() == [(matches,)]


def test_values_are_split_into_included_and_excluded_ones() -> None:
    values = ("a", "!b", "c*", "!d*")
    assert [pattern.text for pattern in included(values)] == ["a", "c*"]
    assert [pattern.text for pattern in excluded(values)] == ["b", "d*"]
    assert exact(values) == ["a"]


@pytest.mark.parametrize(
    ("values", "exact_values", "single"),
    [((), True, None), (("a",), True, "a"), (("a", "b"), True, None), (("a*",), False, None), (("!a",), False, None)],
)
def test_exact_filters_are_recognized(values: tuple[str, ...], exact_values: bool, single: str | None) -> None:
    assert are_exact(values) is exact_values
    assert single_exact(values) == single
