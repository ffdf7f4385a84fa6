"""Filters: which events each of them selects, and that they are pushed down to the files."""

from __future__ import annotations

import pytest

from kevents.errors import UsageError
from kevents.query.kinds import parse_kind
from kevents.query.selection import Selection, values_of
from tests.observations import at, observation
from tests.query.conftest import RunSql

NAMES = "SELECT name FROM events ORDER BY name, kind, namespace, cluster"


def names(rows) -> list[str]:
    return [row["name"] for row in rows]


def pods(*pod_names: str):
    return [observation(at("09:00"), name=name, clock_ns=n) for n, name in enumerate(pod_names)]


def test_a_flag_may_be_repeated_and_hold_several_values_with_commas():
    assert values_of(["a,b", "c", " d , e"]) == ("a", "b", "c", "d", "e")
    assert values_of(["!a,b", "c"]) == ("!a", "!b", "c")
    assert values_of(None) == values_of([""]) == values_of(["!"]) == ()


@pytest.mark.parametrize(
    ("filter_", "values", "selected"),
    [
        ("names", ("web-1",), ["web-1"]),  # never web-15
        ("names", ("web-1", "db"), ["db", "web-1"]),
        ("names", ("web-1*",), ["web-1", "web-15"]),
        ("names", ("*b*",), ["abc", "db", "web-1", "web-15"]),
        ("names", ("!web-1",), ["a%c", "abc", "db", "web-15"]),
        ("names", ("web-*", "!web-1"), ["web-15"]),
        ("names", ("a%c",), ["a%c"]),
        ("names", ("a%c*",), ["a%c"]),  # % and _ match themselves
        ("names", ("a_c*",), []),
        ("names", ("' OR true --",), []),
        ("objects", ("pod/web-1",), ["web-1"]),
        ("objects", ("po/web-1", "pods/db"), ["db", "web-1"]),
        ("objects", ("deploy/web-1",), []),
        ("objects", ("!pod/web-1",), ["a%c", "abc", "db", "web-15"]),
    ],
)
def test_names_match_completely_and_only_a_star_is_a_wildcard(filter_, values, selected, run_sql: RunSql):
    rows = pods("web-1", "web-15", "db", "a%c", "abc")
    assert names(run_sql(rows, NAMES, **{filter_: values})) == selected


@pytest.mark.parametrize(
    ("filter_", "values", "selected"),
    [
        ("clusters", ("prod",), ["a"]),
        ("clusters", ("!prod",), ["b", "c"]),
        ("namespaces", ("shop",), ["a", "b"]),
        ("namespaces", ("!shop",), ["c"]),  # and those without a namespace
        ("kinds", ("po",), ["a"]),
        ("kinds", ("no", "widgets"), ["b", "c"]),
        ("kinds", ("!pods",), ["b", "c"]),
        ("reasons", ("backoff",), ["a"]),
        ("reasons", ("Node*",), ["b"]),
        ("types", ("warning",), ["c"]),
        ("types", ("!Warning",), ["a", "b"]),
        ("nodes", ("b",), ["b"]),
        ("components", ("kubelet",), ["a", "b"]),
        ("components", ("widget-*",), ["c"]),
        ("greps", ("^Back-off",), ["a"]),
        ("greps", ("!^Back-off",), ["b", "c"]),  # and those without a message
        ("greps", ("(?i)NODE", "back"), ["b"]),
        ("min_count", 5, ["b"]),
    ],
)
def test_each_filter_applies_to_its_own_column(filter_, values, selected, run_sql: RunSql):
    rows = [
        observation(at("09:00"), name="a", reason="BackOff", message="Back-off pulling"),
        observation(at("09:00"), name="b", kind="Node", cluster="test", count=7)
        | {"reason": "NodeNotReady", "message": "Node b"},
        observation(at("09:00"), name="c", kind="Widgets", cluster="dev", namespace=None, source_component=None)
        | {"source_host": None, "reporting_controller": "widget-operator"}
        | {"type": "Warning", "reason": "Broken", "message": None},
    ]
    assert names(run_sql(rows, NAMES, **{filter_: values})) == selected


def test_different_filters_are_combined_with_and(run_sql: RunSql):
    rows = [*pods("a", "b"), observation(at("09:00"), name="a", namespace="other", clock_ns=9)]
    assert len(run_sql(rows, NAMES, names=("a",), namespaces=("shop",))) == 1


def test_an_object_name_that_only_the_events_name_contains_is_found(run_sql: RunSql):
    rows = [*pods("db"), observation(at("09:00"), name=None, event_name="web-1.odd", clock_ns=None)]
    assert names(run_sql(rows, NAMES, names=("web-1",))) == ["web-1"]
    assert names(run_sql(rows, NAMES, objects=("pod/web-1",))) == ["web-1"]


@pytest.mark.parametrize(
    ("typed", "kind", "group"),
    [
        ("po", "Pod", None),
        ("Pods", "Pod", None),
        ("POD", "Pod", None),
        ("deploy", "Deployment", None),
        ("rs", "ReplicaSet", None),
        ("sts", "StatefulSet", None),
        ("ds", "DaemonSet", None),
        ("no", "Node", None),
        ("ns", "Namespace", None),
        ("svc", "Service", None),
        ("cm", "ConfigMap", None),
        ("ep", "Endpoints", None),
        ("pvc", "PersistentVolumeClaim", None),
        ("pv", "PersistentVolume", None),
        ("sa", "ServiceAccount", None),
        ("jobs", "Job", None),
        ("cj", "CronJob", None),
        ("hpa", "HorizontalPodAutoscaler", None),
        ("ing", "Ingress", None),
        ("netpol", "NetworkPolicy", None),
        ("pdb", "PodDisruptionBudget", None),
        ("crds", "CustomResourceDefinition", None),
        ("deployments.apps", "Deployment", "apps"),
        ("deployments.v1.apps", "Deployment", "apps"),
        ("widget.example.com", "widget", "example.com"),
    ],
)
def test_kinds_have_the_names_that_kubectl_accepts(typed, kind, group):
    assert parse_kind(typed)[:2] == (kind, group)


def test_a_group_selects_among_kinds_of_the_same_name(run_sql: RunSql):
    rows = [
        observation(at("09:00"), kind="Deployment", name="a", api_version="apps/v1"),
        observation(at("09:00"), kind="Deployment", name="b", api_version="example.com/v1"),
        observation(at("09:00"), kind="Deployment", name="c", api_version=None),
    ]
    assert names(run_sql(rows, NAMES, kinds=("deployments.apps",))) == ["a", "c"]


def test_unknown_kinds_ignore_case(run_sql: RunSql):
    rows = [observation(at("09:00"), kind="FluxWidget", name="a")]
    assert names(run_sql(rows, NAMES, kinds=("fluxwidget",))) == ["a"]


def test_an_invalid_grep_pattern_is_a_usage_error(run_sql: RunSql):
    with pytest.raises(UsageError, match=r'^invalid --grep pattern "\[": missing \]$'):
        run_sql([], NAMES, greps=("![",))


@pytest.mark.parametrize("value", ["web-1", "pod/", "/web-1"])
def test_for_needs_a_type_and_a_name(value):
    with pytest.raises(UsageError, match="TYPE/NAME"):
        Selection(objects=(value,))


def test_a_window_must_start_before_it_ends():
    with pytest.raises(UsageError, match="--since must be before --until"):
        Selection(since=at("10:00"), until=at("09:00"))


def test_filters_are_pushed_down_to_the_files(run_sql: RunSql):
    rows = [observation(at("09:00", day), name=f"web-{day}", clock_ns=day) for day in (18, 19, 20)]
    filters = {
        "names": ("web-19",),
        "kinds": ("po",),
        "namespaces": ("shop",),
        "clusters": ("prod",),
        "since": at("00:00", 19),
    }
    for view in ("events", "observations"):
        (plan,) = run_sql(rows, f"EXPLAIN SELECT reason FROM {view}", **filters)
        scan = plan["explain_value"][plan["explain_value"].rindex("Filters:") - 2000 :]
        for pushed in ("namespace = 'shop'", "kind = 'Pod'", "name = 'web-19'", "Scanning Files: 2/3"):
            assert pushed in scan
