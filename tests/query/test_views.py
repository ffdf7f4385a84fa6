"""The views `observations` and `events`: restored columns, derived columns, and the newest state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.observations import at, colliding_names, observation
from tests.query.conftest import RunSql


def test_events_without_a_clock_whose_names_have_the_same_hash_are_distinguished(run_sql: RunSql):
    rows = [observation(at("09:30"), event_name=name, clock_ns=None) for name in colliding_names()]
    assert run_sql(rows, "SELECT count(*)::INTEGER AS n FROM events") == [{"n": 42}]
    assert run_sql(rows, "SELECT sum(occurrences)::INTEGER AS n FROM occurrences") == [{"n": 42}]


def test_values_that_the_files_omit_are_restored(run_sql: RunSql):
    rows = [
        observation(
            at("09:30"),
            first_seen=at("09:00"),
            clock_ns=500_000_000,
            count=2,
            uid=None,
            extra='{"metadata": {"uid": "odd"}}',
        )
    ]
    (row,) = run_sql(
        rows, "SELECT event_name, created, uid, object, component, node, cluster, day::VARCHAR AS day FROM observations"
    )
    assert row == {
        "event_name": f"web-1.{1795165200 * 10**9 + 500_000_000:x}",
        "created": at("09:00"),
        "uid": "odd",
        "object": "Pod/web-1",
        "component": "kubelet",
        "node": "node-a",
        "cluster": "prod",
        "day": "2026-11-20",
    }


def test_an_object_without_a_name_gets_it_from_the_events_name(run_sql: RunSql):
    rows = [observation(at("09:30"), name=None, event_name="web.example.com.18e9b53cfb24a001", clock_ns=1)]
    assert run_sql(rows, "SELECT name, object FROM events") == [
        {"name": "web.example.com", "object": "Pod/web.example.com"}
    ]


@pytest.mark.parametrize(
    ("path", "container"),
    [
        ("spec.containers{app}", "app"),
        ("spec.initContainers{wait-for-db}", "wait-for-db"),
        ("spec.ephemeralContainers{debugger}", "debugger"),
        ("status", None),
        (None, None),
    ],
)
def test_the_container_comes_from_field_path(path, container, run_sql: RunSql):
    assert run_sql([observation(at("09:00"), field_path=path)], "SELECT container FROM events") == [
        {"container": container}
    ]


@pytest.mark.parametrize(
    ("columns", "node"),
    [
        ({"kind": "Node", "name": "node-b", "source_host": None}, "node-b"),
        ({"source_host": "node-c"}, "node-c"),
        ({"source_host": None, "reporting_controller": "kubelet", "reporting_instance": "node-d"}, "node-d"),
        (
            {
                "source_host": None,
                "source_component": "default-scheduler",
                "reason": "Scheduled",
                "message": "Successfully assigned shop/web-1 to node-e",
            },
            "node-e",
        ),
        ({"source_host": None, "source_component": "deployment-controller"}, None),
    ],
)
def test_the_node_is_the_object_the_senders_host_or_the_pods_assignment(columns, node, run_sql: RunSql):
    assert run_sql([observation(at("09:00"), **columns)], "SELECT node FROM events") == [{"node": node}]


def test_an_event_is_its_newest_observation(run_sql: RunSql):
    first = at("09:00")
    rows = [
        observation(at("09:30"), first_seen=first, count=9, message="third", resource_version=3),
        observation(at("09:10"), first_seen=first, count=1, message="first", resource_version=1),
        observation(at("09:30"), first_seen=first, count=8, message="second", resource_version=2),
    ]
    assert run_sql(rows, "SELECT message, count FROM events") == [{"message": "third", "count": 9}]


def test_with_equal_times_and_counts_the_higher_version_is_newer(run_sql: RunSql):
    rows = [
        observation(at("09:30"), message="new", resource_version=20),
        observation(at("09:30"), message="old", resource_version=3),
        observation(at("09:30"), message="unknown", resource_version=None),
    ]
    assert run_sql(rows, "SELECT message FROM events") == [{"message": "new"}]


def test_an_event_created_again_with_a_new_uid_is_the_same_event(run_sql: RunSql):
    first = at("09:00")
    rows = [
        observation(at("09:10"), first_seen=first, count=1, uid="00000000-0000-4000-8000-00000000000a"),
        observation(at("11:10"), first_seen=first, count=2, uid="00000000-0000-4000-8000-00000000000b"),
    ]
    assert run_sql(rows, "SELECT count FROM events") == [{"count": 2}]


def test_events_without_a_name_are_different_events(run_sql: RunSql):
    rows = [observation(at("09:30"), event_name=None, clock_ns=None) for _ in range(3)]
    assert run_sql(rows, "SELECT count(*) AS n FROM events") == [{"n": 3}]


def test_until_gives_the_state_at_that_time(run_sql: RunSql):
    first = at("09:00")
    rows = [observation(at(f"09:{minute}"), first_seen=first, count=minute) for minute in (10, 20, 30)]
    assert run_sql(rows, "SELECT count FROM events", until=at("09:25")) == [{"count": 20}]
    assert run_sql(rows, "SELECT count FROM events", since=at("09:30")) == [{"count": 30}]
    assert run_sql(rows, "SELECT count FROM events", since=at("09:31")) == []
    assert len(run_sql(rows, "FROM observations", since=at("09:20"), until=at("09:30"))) == 1


def test_filters_on_message_and_type_apply_to_the_newest_state(run_sql: RunSql):
    first = at("09:00")
    rows = [
        observation(at("09:10"), first_seen=first, message="exit code 1", type="Warning"),
        observation(at("09:20"), first_seen=first, message="exit code 2", type="Normal", count=2),
    ]
    assert run_sql(rows, "FROM events", greps=("code 1",)) == []
    assert run_sql(rows, "FROM events", types=("Warning",)) == []
    assert len(run_sql(rows, "FROM observations", greps=("code 1",))) == 1


def test_out_of_range_times_are_handled(run_sql: RunSql):
    rows = [
        observation(datetime(1, 1, 2, tzinfo=UTC), event_name="a.1", clock_ns=None),
        observation(datetime(9999, 12, 30, tzinfo=UTC), event_name="a.2", clock_ns=None),
        observation(None, first_seen=None, event_name="a.3", clock_ns=None),
        observation(at("09:00"), event_name="a.4", clock_ns=None),
    ]
    events = run_sql(rows, "SELECT event_name, day IS NULL AS is_undated FROM events ORDER BY event_name")
    assert [(row["event_name"], row["is_undated"]) for row in events] == [
        ("a.1", True),
        ("a.2", True),
        ("a.3", True),
        ("a.4", False),
    ]
    assert len(run_sql(rows, "FROM occurrences")) == 4
    assert [
        row["event_name"] for row in run_sql(rows, "SELECT event_name FROM events ORDER BY 1", since=at("00:00"))
    ] == [
        "a.2",
        "a.4",
    ]


def test_cluster_labels_are_unchanged(run_sql: RunSql):
    label = "arn:aws:eks:eu-west-1:1234:cluster/pröd =1"
    assert run_sql([observation(at("09:00"), cluster=label)], "SELECT cluster FROM events") == [{"cluster": label}]


def test_an_empty_store_has_no_rows(run_sql: RunSql):
    assert run_sql([], "SELECT reason, count(*) FROM events GROUP BY ALL") == []
    assert run_sql([], "FROM pulls") == []
