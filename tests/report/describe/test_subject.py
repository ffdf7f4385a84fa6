"""TYPE/NAME: one object, several, or what was meant instead."""

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
    def of(*rows: dict[str, Any], **filters: Any) -> Engine:
        return Engine(write_store(tmp_path, rows), Selection(**filters), NOW)

    return of


@pytest.mark.parametrize("words", [["pod/web-1"], ["pod", "web-1"]])
def test_it_is_typed_as_kubectl_takes_it(words):
    assert parse(words) == ("pod", "web-1")


@pytest.mark.parametrize(
    "words", [["pod"], ["pod/"], ["/web-1"], ["pod", "web-1", "web-2"], ["pod/web-*"], ["pod/!web"]]
)
def test_anything_else_is_a_mistake_of_one_sentence(words):
    with pytest.raises(UsageError):
        parse(words)


def test_a_name_that_is_the_beginning_of_another_is_not_the_other(engine):
    rows = [observation(at("09:00"), name="web-15"), observation(at("09:00"), name="web-1", uid=None)]
    assert find(engine(*rows, kinds=("po",), names=("web-1",)), "po", "web-1") == Subject(
        "prod", "shop", "Pod", "web-1"
    )


@pytest.mark.parametrize(
    ("other", "told", "hint"),
    [
        ({"namespace": "test"}, "pod/web-1 is in 2 namespaces: shop, test", "-n shop"),
        ({"cluster": "test"}, "pod/web-1 is in 2 clusters: prod, test", "--cluster prod"),
    ],
)
def test_of_several_the_user_chooses(other, told, hint, engine):
    rows = [observation(at("09:00")), observation(at("09:00"), **other)]
    with pytest.raises(UsageError) as failed:
        find(engine(*rows), "pod", "web-1")
    assert str(failed.value) == told
    assert hint in (failed.value.hint or "")


def test_nodes_have_no_namespace_wherever_their_events_live(engine):
    rows = [observation(at("09:00"), kind="Node", name="n", namespace=where) for where in ("default", "kube-system")]
    assert find(engine(*rows), "node", "n") == Subject("prod", None, "Node", "n")


def test_a_deployment_whose_own_events_are_gone_is_known_by_its_pods(engine):
    row = observation(at("09:00"), name="web-55f4dd6dcc-2lgwd")
    assert find_relative(engine(row), "deploy", "web") == Subject("prod", "shop", "Deployment", "web")
    assert find_relative(engine(row), "node", "node-a") == Subject("prod", None, "Node", "node-a")
    assert find_relative(engine(row), "deploy", "we") is None


@pytest.mark.parametrize(
    ("kind", "name", "hint"),
    [
        ("pod", "web-2", "Near it are pod/web-1 in shop."),
        (
            "pod",
            "web",
            "Near it are deployment/web in shop, pod/web-1 in shop.",
        ),  # another kind of that very name first
        ("pood", "web-1", "Is pod the type that you mean? Near it are pod/web-1 in shop."),
        ("pod", "zzz", "kevents list shows what there is."),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(kind, name, hint, engine):
    rows = [observation(at("09:00")), observation(at("09:00"), kind="Deployment", name="web")]
    failure = unknown(engine(*rows[: 2 if name == "web" else 1]), kind, name, "the store")
    assert isinstance(failure, QueryError)
    assert (str(failure), failure.hint) == (f"the store knows no event of {kind}/{name}", hint)


def test_names_are_escaped_where_they_are_quoted(engine):
    failure = unknown(engine(observation(at("09:00"), name="web\x1b[31m")), "pod", "web\x1b", "the store")
    assert "\x1b" not in f"{failure}{failure.hint}"
