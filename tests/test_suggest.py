"""Suggestions for mistyped words."""

from __future__ import annotations

import pytest

from kevents.suggest import hint, nearest

LEVELS = ("critical", "error", "warning", "notice", "info")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("warnign", "warning"), ("WARN", "warning"), ("crit", "critical"), ("infos", "info"), ("zzz", None), ("", None)],
)
def test_the_nearest_word_is_found_ignoring_case(typed, expected):
    assert nearest(typed, LEVELS) == expected


def test_a_common_prefix_of_two_words_suggests_neither():
    assert nearest("e", ["error", "event"]) is None


def test_the_hint_lists_the_allowed_words():
    assert hint("warn", LEVELS) == "Did you mean warning? One of: critical, error, warning, notice, info."
    assert hint("zzz", LEVELS) == "One of: critical, error, warning, notice, info."
