"""The table of ratings that ships: closed words, usable patterns, an order; and what facts say of it."""

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


def test_it_holds_what_the_issue_asks_for_and_nothing_is_wrong_with_it():
    assert parse_ratings(TEXT).problems == ()
    assert len(builtin_ratings()) >= 400


@pytest.mark.parametrize("severity", SEVERITIES)
def test_every_level_is_used(severity):
    assert any(rating.severity == severity for rating in builtin_ratings().values())


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_used(category):
    said = {one.category for rating in builtin_ratings().values() for one in (rating, *rating.overrides)}
    assert category in said


def test_every_rating_says_who_sends_it_and_has_no_idle_exception():
    for rating in builtin_ratings().values():
        assert rating.sender
        assert rating.category != UNKNOWN_CATEGORY or rating.overrides, (
            rating.reason
        )  # only for reasons that many share
        for case in rating.overrides:
            assert (case.severity, case.category) != (rating.severity, rating.category), rating.reason


def test_every_pattern_compiles():
    patterns = [case.message for rating in builtin_ratings().values() for case in rating.overrides if case.message]
    assert patterns
    assert duck.pattern_fault(patterns) is None


def test_the_groups_are_sorted():
    for group in re.split(r"\n\n", TEXT)[1:]:
        reasons = re.findall(r"^(\S+) = [{]", group, re.MULTILINE)
        assert reasons
        assert reasons == sorted(reasons)


SPOT_CHECKS = Path(__file__).with_name("spot_checks.txt").read_text("utf-8")


def test_what_facts_say_is_so(tmp_path):
    checks = [line.split(" | ") for line in SPOT_CHECKS.splitlines() if not line.startswith("#")]
    rows = []
    for number, (sender, message, _) in enumerate(checks):
        component, kind, type_, reason = sender.split()
        told = {"kind": kind, "type": type_, "reason": reason, "message": message, "source_component": component}
        rows.append(observation(at("09:00"), name=f"{number:03}", clock_ns=number, **told))
    engine = Engine(write_store(tmp_path, rows), Selection(), NOW)
    sql = "SELECT severity || ' ' || category AS rated FROM events ORDER BY name"
    found = [row["rated"] for batch in engine.batches(sql) for row in batch.to_pylist()]
    assert [(*check[:2], rated) for check, rated in zip(checks, found, strict=True)] == [
        (sender, message, rated) for sender, message, rated in checks
    ]
