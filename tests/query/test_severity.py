"""Severity and category as columns and as filters."""

from __future__ import annotations

import pytest

from kevents.errors import UsageError
from kevents.event.severity import Override, Rating
from kevents.query.engine import Engine
from kevents.query.selection import Selection, values_of
from kevents.query.stream_views import StreamViews
from tests.observations import NOW, at, observation, write_store
from tests.query.conftest import Ask

# by hand: what each is and why is in facts of Kubernetes, see kevents/event/severity.toml
ROWS = [
    observation(at("09:00"), name="down", kind="Node", reason="NodeNotReady", clock_ns=1),
    observation(at("09:01"), name="pull", reason="BackOff", message='Back-off pulling image "x"', clock_ns=2),
    observation(at("09:02"), name="pending", reason="FailedScheduling", type="Warning", clock_ns=3),
    observation(at("09:03"), name="placed", reason="Scheduled", clock_ns=4),
    observation(at("09:04"), name="odd", reason="OddThing", clock_ns=5),
]


def names(ask: Ask, view: str = "events", **filters) -> list[str]:
    return [row["name"] for row in ask(ROWS, f"SELECT name FROM {view} ORDER BY last_seen", **filters)]


@pytest.mark.parametrize(
    ("severities", "found"),
    [
        (("critical",), ["down"]),
        (("error",), ["down", "pull"]),
        (("Warning",), ["down", "pull", "pending"]),
        (("=warning",), ["pending"]),
        (("=warning", "=critical"), ["down", "pending"]),
        (("=info", "error"), ["down", "pull", "placed", "odd"]),
        (("info",), ["down", "pull", "pending", "placed", "odd"]),
        (("!info",), ["down", "pull", "pending"]),
        (("!error",), ["down", "pending", "placed", "odd"]),  # that alone, as a `!` is everywhere
        (("!=error",), ["down", "pending", "placed", "odd"]),
        (("warning", "!critical"), ["pull", "pending"]),
    ],
)
@pytest.mark.parametrize("view", ["events", "observations", "occurrences"])
def test_a_severity_is_that_or_worse(view, severities, found, ask: Ask):
    assert names(ask, view, severities=severities) == found


@pytest.mark.parametrize(
    ("categories", "found"),
    [
        (("node",), ["down"]),
        (("image", "Scheduling"), ["pull", "pending", "placed"]),
        (("!scheduling",), ["down", "pull", "odd"]),
        (("other",), ["odd"]),
    ],
)
def test_categories_are_whole(categories, found, ask: Ask):
    assert names(ask, categories=categories) == found


def test_the_mark_of_several_is_for_each():
    assert values_of(["=warning,error", "!info"], marks="!=") == ("=warning", "=error", "!info")


@pytest.mark.parametrize(
    ("filters", "said", "hint"),
    [
        ({"severities": ("warn",)}, 'there is no severity "warn"', "Did you mean warning? Allowed are critical, error"),
        ({"severities": ("!=nono",)}, 'there is no severity "nono"', "Allowed are critical, error, warning"),
        ({"categories": ("netwrok",)}, 'there is no category "netwrok"', "Did you mean network? Allowed are "),
    ],
)
def test_a_word_that_is_none_is_answered_with_the_nearest(filters, said, hint):
    with pytest.raises(UsageError) as failed:
        Selection(**filters)
    assert str(failed.value) == said
    assert (failed.value.hint or "").startswith(hint)


def test_a_filter_on_severity_looks_at_the_observation_and_differences_are_taken_before(ask: Ask):
    told = {"reason": "BackOff", "first_seen": at("08:00"), "type": "Warning"}
    rows = [
        observation(at("09:00"), count=10, message="Back-off restarting failed container", **told),
        observation(
            at("10:00"), count=12, message='(combined from similar events): Back-off pulling image "x"', **told
        ),
    ]
    sql = "SELECT category, sum(occurrences)::INT AS n FROM occurrences GROUP BY 1 ORDER BY 1"
    assert ask(rows, sql) == [{"category": "crash", "n": 10}, {"category": "image", "n": 2}]
    assert ask(rows, sql, categories=("image",)) == [{"category": "image", "n": 2}]


@pytest.mark.parametrize(
    ("type_", "reason", "severity"),
    [
        ("Normal", "OddThing", "info"),
        ("Warning", "OddThing", "warning"),
        ("Odd", "OddThing", "warning"),
        (None, "OddThing", "info"),
        (None, None, "info"),
        ("Normal", "", "info"),
        # trouble by its own words, whatever the type says
        ("Normal", "OddThingFailed", "warning"),
        ("Normal", "FailedOddThing", "warning"),
        ("Normal", "OddError", "warning"),
        ("Normal", "ErrOdd", "warning"),
        ("Normal", "OddUnhealthy", "warning"),
        ("Normal", "odd thing failed", "warning"),
        ("Normal", "odd_error_2", "warning"),
        # and none of these
        ("Normal", "FailoverDone", "info"),
        ("Normal", "Terror", "info"),
        ("Normal", "Errand", "info"),
        ("Normal", "Timeouts", "info"),
    ],
)
def test_a_reason_that_nobody_rated_is_as_bad_as_its_type_and_its_words_say(type_, reason, severity, ask: Ask):
    rows = ask([observation(at("09:00"), type=type_, reason=reason)], "SELECT severity, category FROM events")
    assert rows == [{"severity": severity, "category": "other"}]


RATED = {
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
    ("told", "rated"),
    [
        ({"reason": "It's"}, ("error", "network")),
        ({"reason": "it's"}, ("info", "other")),  # reasons are exact
        ({"reason": "Both", "source_component": "x"}, ("notice", "config")),
        ({"reason": "Both"}, ("error", "quota")),
        ({"reason": "Both", "message": "disk a"}, ("warning", "volume")),  # the first exception that fits
        ({"reason": "Both", "message": "(combined from similar events): disk b"}, ("warning", "volume")),
        ({"reason": "Both", "message": "disk c", "source_component": "x"}, ("notice", "config")),
        ({"reason": "Both", "message": None, "source_component": None}, ("notice", "config")),
        ({"reason": "Both", "kind": "Node", "source_component": "a'b"}, ("critical", "node")),
        (
            {"reason": "Both", "kind": "Node", "source_component": None, "reporting_controller": "a'b"},
            ("critical", "node"),
        ),
        ({"reason": "Both", "kind": "Pod", "source_component": "a'b"}, ("notice", "config")),
        ({"reason": "Scheduled"}, ("info", "other")),  # these ratings alone
    ],
)
def test_ratings_are_given_to_the_engine_and_looked_up_exactly(told, rated, tmp_path):
    engine = Engine(write_store(tmp_path, [observation(at("09:00"), **told)]), Selection(), NOW, ratings=RATED)
    (row,) = [row for batch in engine.batches("SELECT severity, category FROM events") for row in batch.to_pylist()]
    assert (row["severity"], row["category"]) == rated


@pytest.mark.parametrize("rated", [{}, {"A": Rating("A", "error", "node", "me")}])
def test_a_table_without_exceptions_or_without_anything_will_do(rated, tmp_path):
    engine = Engine(write_store(tmp_path, [observation(at("09:00"), reason="A")]), Selection(), NOW, ratings=rated)
    (batch,) = engine.batches("SELECT severity FROM events")
    assert batch.to_pylist() == [{"severity": "error" if rated else "info"}]


def test_filters_hold_for_what_is_live():
    live = StreamViews(Selection(severities=("error",)), NOW, RATED)
    for number, reason in enumerate(("It's", "Both", "Scheduled")):
        live.add(
            f'{{"kind":"Event","apiVersion":"v1","metadata":{{"name":"a.{number}","namespace":"x"}},"type":"Normal",'
            f'"involvedObject":{{"kind":"Pod","name":"a"}},"reason":"{reason}"}}\n'.encode(),
            "prod",
        )
    assert live.run_and_clear("SELECT reason FROM stored.newest").to_pylist() == [{"reason": "It's"}]
