"""A mistyped word is answered with the one that was meant."""

from __future__ import annotations

import pytest

from kevents.suggest import hint, nearest

LEVELS = ("critical", "error", "warning", "notice", "info")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("warnign", "warning"), ("WARN", "warning"), ("crit", "critical"), ("infos", "info"), ("zzz", None), ("", None)],
)
def test_the_nearest_word_is_found_in_any_case(typed, meant):
    assert nearest(typed, LEVELS) == meant


def test_a_word_that_begins_two_is_none_of_them():
    assert nearest("e", ["error", "event"]) is None


def test_the_hint_lists_what_is_allowed():
    assert hint("warn", LEVELS) == "Did you mean warning? Allowed are critical, error, warning, notice, info."
    assert hint("zzz", LEVELS) == "Allowed are critical, error, warning, notice, info."
