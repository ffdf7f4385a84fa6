"""Severity and category as columns and as filters."""

from __future__ import annotations

import pytest

from kevents.errors import UsageError
from kevents.event.severity import Override, Rating
from kevents.query.engine import Engine
from kevents.query.selection import Selection, values_of
from kevents.query.stream_views import StreamViews
from tests.observations import NOW, at, observation, write_store
from tests.query.conftest import RunSql

# rated by hand from what the reasons mean in Kubernetes, see kevents/event/severity.toml
ROWS = [
    observation(at("09:00"), name="down", kind="Node", reason="NodeNotReady", clock_ns=1),
    observation(at("09:01"), name="pull", reason="BackOff", message='Back-off pulling image "x"', clock_ns=2),
    observation(at("09:02"), name="pending", reason="FailedScheduling", type="Warning", clock_ns=3),
    observation(at("09:03"), name="placed", reason="Scheduled", clock_ns=4),
    observation(at("09:04"), name="odd", reason="OddThing", clock_ns=5),
]


def names(run_sql: RunSql, view: str = "events", **filters) -> list[str]:
    return [row["name"] for row in run_sql(ROWS, f"SELECT name FROM {view} ORDER BY last_seen", **filters)]


@pytest.mark.parametrize(
    ("severities", "selected"),
    [
        (("critical",), ["down"]),
        (("error",), ["down", "pull"]),
        (("Warning",), ["down", "pull", "pending"]),
        (("=warning",), ["pending"]),
        (("=warning", "=critical"), ["down", "pending"]),
        (("=info", "error"), ["down", "pull", "placed", "odd"]),
        (("info",), ["down", "pull", "pending", "placed", "odd"]),
        (("!info",), ["down", "pull", "pending"]),
        (
            ("!error",),
            ["down", "pending", "placed", "odd"],
        ),  # only that level, as `!` excludes one value in every filter
        (("!=error",), ["down", "pending", "placed", "odd"]),
        (("warning", "!critical"), ["pull", "pending"]),
    ],
)
@pytest.mark.parametrize("view", ["events", "observations", "occurrences"])
def test_a_severity_selects_that_level_or_worse(view, severities, selected, run_sql: RunSql):
    assert names(run_sql, view, severities=severities) == selected


@pytest.mark.parametrize(
    ("categories", "selected"),
    [
        (("node",), ["down"]),
        (("image", "Scheduling"), ["pull", "pending", "placed"]),
        (("!scheduling",), ["down", "pull", "odd"]),
        (("other",), ["odd"]),
    ],
)
def test_categories_match_completely(categories, selected, run_sql: RunSql):
    assert names(run_sql, categories=categories) == selected


def test_a_mark_applies_to_all_values_after_it():
    assert values_of(["=warning,error", "!info"], marks="!=") == ("=warning", "=error", "!info")


@pytest.mark.parametrize(
    ("filters", "sentence", "hint"),
    [
        ({"severities": ("warn",)}, 'unknown severity "warn"', "Did you mean warning? One of: critical, error"),
        ({"severities": ("!=nono",)}, 'unknown severity "nono"', "One of: critical, error, warning"),
        ({"categories": ("netwrok",)}, 'unknown category "netwrok"', "Did you mean network? One of: "),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest_one(filters, sentence, hint):
    with pytest.raises(UsageError) as failed:
        Selection(**filters)
    assert str(failed.value) == sentence
    assert (failed.value.hint or "").startswith(hint)


def test_filters_on_severity_and_category_apply_after_counts_are_subtracted(run_sql: RunSql):
    common = {"reason": "BackOff", "first_seen": at("08:00"), "type": "Warning"}
    rows = [
        observation(at("09:00"), count=10, message="Back-off restarting failed container", **common),
        observation(
            at("10:00"), count=12, message='(combined from similar events): Back-off pulling image "x"', **common
        ),
    ]
    sql = "SELECT category, sum(occurrences)::INT AS n FROM occurrences GROUP BY 1 ORDER BY 1"
    assert run_sql(rows, sql) == [{"category": "crash", "n": 10}, {"category": "image", "n": 2}]
    assert run_sql(rows, sql, categories=("image",)) == [{"category": "image", "n": 2}]


@pytest.mark.parametrize(
    ("type_", "reason", "severity"),
    [
        ("Normal", "OddThing", "info"),
        ("Warning", "OddThing", "warning"),
        ("Odd", "OddThing", "warning"),
        (None, "OddThing", "info"),
        (None, None, "info"),
        ("Normal", "", "info"),
        # a failure by its own words, whatever the type
        ("Normal", "OddThingFailed", "warning"),
        ("Normal", "FailedOddThing", "warning"),
        ("Normal", "OddError", "warning"),
        ("Normal", "ErrOdd", "warning"),
        ("Normal", "OddUnhealthy", "warning"),
        ("Normal", "odd thing failed", "warning"),
        ("Normal", "odd_error_2", "warning"),
        # not a failure, although it looks similar
        ("Normal", "FailoverDone", "info"),
        ("Normal", "Terror", "info"),
        ("Normal", "Errand", "info"),
        ("Normal", "Timeouts", "info"),
    ],
)
def test_a_reason_without_a_rating_has_the_severity_of_its_type_or_its_words(type_, reason, severity, run_sql: RunSql):
    rows = run_sql([observation(at("09:00"), type=type_, reason=reason)], "SELECT severity, category FROM events")
    assert rows == [{"severity": severity, "category": "other"}]


RATINGS = {
    "It's": Rating("It's", "error", "network", "me"),
    "Both": Rating(
        "Both",
        "notice",
        "config",
        "me",
        (
            Override("critical", "node", kind="Node", component="a'b"),
            Override("warning", "volume", message="^disk (?:a|b)$"),
            Override("error", "quota", component="kubelet"),
        ),
    ),
}


@pytest.mark.parametrize(
    ("columns", "rated"),
    [
        ({"reason": "It's"}, ("error", "network")),
        ({"reason": "it's"}, ("info", "other")),  # case matters
        ({"reason": "Both", "source_component": "x"}, ("notice", "config")),
        ({"reason": "Both"}, ("error", "quota")),
        ({"reason": "Both", "message": "disk a"}, ("warning", "volume")),  # the first override that matches
        ({"reason": "Both", "message": "(combined from similar events): disk b"}, ("warning", "volume")),
        ({"reason": "Both", "message": "disk c", "source_component": "x"}, ("notice", "config")),
        ({"reason": "Both", "message": None, "source_component": None}, ("notice", "config")),
        ({"reason": "Both", "kind": "Node", "source_component": "a'b"}, ("critical", "node")),
        (
            {"reason": "Both", "kind": "Node", "source_component": None, "reporting_controller": "a'b"},
            ("critical", "node"),
        ),
        ({"reason": "Both", "kind": "Pod", "source_component": "a'b"}, ("notice", "config")),
        ({"reason": "Scheduled"}, ("info", "other")),  # only these ratings, not the built-in ones
    ],
)
def test_the_engine_uses_the_ratings_that_it_is_given(columns, rated, tmp_path):
    engine = Engine(write_store(tmp_path, [observation(at("09:00"), **columns)]), Selection(), NOW, ratings=RATINGS)
    (row,) = [row for batch in engine.batches("SELECT severity, category FROM events") for row in batch.to_pylist()]
    assert (row["severity"], row["category"]) == rated


@pytest.mark.parametrize("ratings", [{}, {"A": Rating("A", "error", "node", "me")}])
def test_ratings_may_be_empty_or_without_overrides(ratings, tmp_path):
    engine = Engine(write_store(tmp_path, [observation(at("09:00"), reason="A")]), Selection(), NOW, ratings=ratings)
    (batch,) = engine.batches("SELECT severity FROM events")
    assert batch.to_pylist() == [{"severity": "error" if ratings else "info"}]


def test_filters_apply_to_a_stream():
    views = StreamViews(Selection(severities=("error",)), NOW, RATINGS)
    for number, reason in enumerate(("It's", "Both", "Scheduled")):
        views.add(
            f'{{"kind":"Event","apiVersion":"v1","metadata":{{"name":"a.{number}","namespace":"x"}},"type":"Normal",'
            f'"involvedObject":{{"kind":"Pod","name":"a"}},"reason":"{reason}"}}\n'.encode(),
            "prod",
        )
    assert views.run_and_clear("SELECT reason FROM stored.newest").to_pylist() == [{"reason": "It's"}]
