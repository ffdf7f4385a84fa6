"""Columns and their headers."""

from __future__ import annotations

import pytest

from kevents.result import Column


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("last_seen", "LAST SEEN"),
        ("p95", "P95"),
        ("count_star()", "count_star()"),
        ("sum(occurrences)", "sum(occurrences)"),
        ("Most", "Most"),
        ("max seconds", "max seconds"),
        ("größe", "größe"),
        ("", ""),
    ],
)
def test_a_plain_name_is_in_upper_case_and_any_other_is_unchanged(name: str, header: str) -> None:
    assert Column(name).header == header


def test_a_label_is_the_header() -> None:
    assert Column("event_name", label="NAME").header == "NAME"
    assert Column("bar", label="").header == ""
