"""The built-in ratings: known words, valid patterns, sorted groups, and spot checks."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from kevents import duck
from kevents.event.severity import CATEGORIES, SEVERITIES, UNKNOWN_CATEGORY
from kevents.event.severity_table import FILE, builtin_ratings, parse_ratings
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from tests.observations import NOW, at, observation, write_store

TEXT = files("kevents.event").joinpath(FILE).read_text("utf-8")


def test_it_has_at_least_400_ratings_without_problems():
    assert parse_ratings(TEXT).problems == ()
    assert len(builtin_ratings()) >= 400


@pytest.mark.parametrize("severity", SEVERITIES)
def test_every_level_is_used(severity):
    assert any(rating.severity == severity for rating in builtin_ratings().values())


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_used(category):
    used = {entry.category for rating in builtin_ratings().values() for entry in (rating, *rating.overrides)}
    assert category in used


def test_every_rating_has_a_sender_and_no_override_without_effect():
    for rating in builtin_ratings().values():
        assert rating.sender
        assert rating.category != UNKNOWN_CATEGORY or rating.overrides, (
            rating.reason
        )  # only for reasons that many senders use
        for override in rating.overrides:
            assert (override.severity, override.category) != (rating.severity, rating.category), rating.reason


def test_every_pattern_is_valid():
    patterns = [
        override.message for rating in builtin_ratings().values() for override in rating.overrides if override.message
    ]
    assert patterns
    assert duck.pattern_fault(patterns) is None


def test_the_groups_are_sorted():
    for group in re.split(r"\n\n", TEXT)[1:]:
        reasons = re.findall(r"^(\S+) = [{]", group, re.MULTILINE)
        assert reasons
        assert reasons == sorted(reasons)


SPOT_CHECKS = Path(__file__).with_name("spot_checks.txt").read_text("utf-8")


def test_the_spot_checks_hold(tmp_path):
    checks = [line.split(" | ") for line in SPOT_CHECKS.splitlines() if not line.startswith("#")]
    rows = []
    for number, (sender, message, _) in enumerate(checks):
        component, kind, type_, reason = sender.split()
        columns = {"kind": kind, "type": type_, "reason": reason, "message": message, "source_component": component}
        rows.append(observation(at("09:00"), name=f"{number:03}", clock_ns=number, **columns))
    engine = Engine(write_store(tmp_path, rows), Selection(), NOW)
    sql = "SELECT severity || ' ' || category AS rated FROM events ORDER BY name"
    actual = [row["rated"] for row in engine.rows(sql)]
    assert [(*check[:2], rated) for check, rated in zip(checks, actual, strict=True)] == [
        (sender, message, rated) for sender, message, rated in checks
    ]
