"""Which object TYPE/NAME refers to, and what is suggested if there are several or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kevents.errors import QueryError, UsageError
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.report.describe.subject import Subject, find, find_relative, parse, unknown
from tests.observations import NOW, at, observation, write_store


@pytest.fixture
def engine(tmp_path: Path):
    def open_engine(*rows: dict[str, Any], **filters: Any) -> Engine:
        return Engine(write_store(tmp_path, rows), Selection(**filters), NOW)

    return open_engine


@pytest.mark.parametrize("words", [["pod/web-1"], ["pod", "web-1"]])
def test_an_object_is_written_as_in_kubectl(words):
    assert parse(words) == ("pod", "web-1")


@pytest.mark.parametrize(
    "words", [["pod"], ["pod/"], ["/web-1"], ["pod", "web-1", "web-2"], ["pod/web-*"], ["pod/!web"]]
)
def test_anything_else_is_a_usage_error(words):
    with pytest.raises(UsageError):
        parse(words)


def test_a_name_does_not_match_a_longer_name(engine):
    rows = [observation(at("09:00"), name="web-15"), observation(at("09:00"), name="web-1", uid=None)]
    assert find(engine(*rows, kinds=("po",), names=("web-1",)), "po", "web-1") == Subject(
        "prod", "shop", "Pod", "web-1"
    )


@pytest.mark.parametrize(
    ("other", "message", "hint"),
    [
        ({"namespace": "test"}, "pod/web-1 is in 2 namespaces: shop, test", "-n shop"),
        ({"cluster": "test"}, "pod/web-1 is in 2 clusters: prod, test", "--cluster prod"),
    ],
)
def test_an_ambiguous_name_is_an_error_that_lists_the_choices(other, message, hint, engine):
    rows = [observation(at("09:00")), observation(at("09:00"), **other)]
    with pytest.raises(UsageError) as failed:
        find(engine(*rows), "pod", "web-1")
    assert str(failed.value) == message
    assert hint in (failed.value.hint or "")


def test_a_node_has_no_namespace_whatever_the_namespace_of_its_events(engine):
    rows = [observation(at("09:00"), kind="Node", name="n", namespace=where) for where in ("default", "kube-system")]
    assert find(engine(*rows), "node", "n") == Subject("prod", None, "Node", "n")


def test_a_deployment_without_events_is_found_through_its_pods(engine):
    row = observation(at("09:00"), name="web-55f4dd6dcc-2lgwd")
    assert find_relative(engine(row), "deploy", "web") == Subject("prod", "shop", "Deployment", "web")
    assert find_relative(engine(row), "node", "node-a") == Subject("prod", None, "Node", "node-a")
    assert find_relative(engine(row), "deploy", "we") is None


@pytest.mark.parametrize(
    ("kind", "name", "hint"),
    [
        ("pod", "web-2", "Similar: pod/web-1 in shop."),
        # the same name with another kind comes first
        ("pod", "web", "Similar: deployment/web in shop, pod/web-1 in shop."),
        ("pood", "web-1", "Did you mean the type pod? Similar: pod/web-1 in shop."),
        ("pod", "zzz", "kevents list shows what is in the store."),
    ],
)
def test_an_unknown_object_is_an_error_with_similar_names(kind, name, hint, engine):
    rows = [observation(at("09:00")), observation(at("09:00"), kind="Deployment", name="web")]
    error = unknown(engine(*rows[: 2 if name == "web" else 1]), kind, name)
    assert isinstance(error, QueryError)
    assert (str(error), error.hint) == (f"no events for {kind}/{name} in the store", hint)


def test_an_unknown_object_of_a_reachable_cluster_is_in_neither(engine):
    error = unknown(engine(observation(at("09:00"))), "pod", "web-2", "test")
    assert str(error) == "no events for pod/web-2 in the store or cluster test"


def test_names_are_escaped_in_errors(engine):
    error = unknown(engine(observation(at("09:00"), name="web\x1b[31m")), "pod", "web\x1b")
    assert "\x1b" not in f"{error}{error.hint}"
