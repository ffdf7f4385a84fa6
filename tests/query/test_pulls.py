"""Image pulls, from the messages of kubelets of every version."""

from __future__ import annotations

import pytest

from tests.observations import at, observation
from tests.query.conftest import RunSql

IMAGE = "registry.example/shop/web:1.4"
COLUMNS = "image, result, took, waited, size, error"


def pull(reason: str, message: str, run_sql: RunSql, sql: str = f"SELECT {COLUMNS} FROM pulls", **columns):
    return run_sql([observation(at("09:00"), reason=reason, message=message, **columns)], sql)


@pytest.mark.parametrize(
    ("details", "took", "waited", "size"),
    [
        ("", None, None, None),
        (" in 49.5260537s", 49.5260537, None, None),
        (" in 3m52.584241679s", 232.584241679, None, None),
        (" in 308ms (1.2s including waiting)", 0.308, 1.2, None),
        (" in 308ms (1.2s including waiting). Image size: 3810510 bytes.", 0.308, 1.2, 3810510),
        (" in 1h2m3.5s (1h2m4s including waiting). Image size: 7 bytes.", 3723.5, 3724, 7),
        (" in 1.5µs (2µs including waiting). Image size: 0 bytes.", 1.5e-6, 2e-6, 0),
    ],
)
def test_a_pull_has_durations_and_the_size_of_the_image(details, took, waited, size, run_sql: RunSql):
    (row,) = pull("Pulled", f'Successfully pulled image "{IMAGE}"{details}', run_sql)
    assert (row["image"], row["result"], row["error"]) == (IMAGE, "pulled", None)
    assert row["took"] == pytest.approx(took) if took is not None else row["took"] is None
    assert row["waited"] == pytest.approx(waited) if waited is not None else row["waited"] is None
    assert row["size"] == size


@pytest.mark.parametrize(
    ("reason", "message", "result", "error"),
    [
        ("Pulled", f'Container image "{IMAGE}" already present on machine', "cached", None),
        (
            "Pulled",
            f'Container image "{IMAGE}" already present on machine and can be accessed by the pod',
            "cached",
            None,
        ),
        ("BackOff", f'Back-off pulling image "{IMAGE}"', "backoff", None),
        ("BackOff", f'Back-off pulling image "{IMAGE}": ErrImagePull: not found', "backoff", "ErrImagePull: not found"),
        (
            "Failed",
            f'Failed to pull image "{IMAGE}": rpc error: "{IMAGE}": not found',
            "failed",
            f'rpc error: "{IMAGE}": not found',
        ),
        ("InspectFailed", f'Failed to inspect image "{IMAGE}": gone', "failed", "gone"),
        ("InspectFailed", f'Failed to apply default image tag "{IMAGE}": bad name', "failed", "bad name"),
        (
            "ErrImageNeverPull",
            f'Container image "{IMAGE}" is not present with pull policy of Never',
            "failed",
            f'Container image "{IMAGE}" is not present with pull policy of Never',
        ),
    ],
)
def test_other_results_are_distinguished(reason, message, result, error, run_sql: RunSql):
    (row,) = pull(reason, message, run_sql)
    assert row == {"image": IMAGE, "result": result, "took": None, "waited": None, "size": None, "error": error}


def test_a_truncated_or_empty_name_is_not_an_image(run_sql: RunSql):
    assert pull("Failed", 'Failed to pull image "registry.example/sh', run_sql)[0]["image"] is None
    assert pull("BackOff", 'Back-off pulling image ""', run_sql)[0]["image"] is None


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("Pulling", f'Pulling image "{IMAGE}"'),
        ("Pulling", f'pulling image "{IMAGE}"'),
        ("Failed", "Error: ErrImagePull"),
        ("Failed", "Error: ImagePullBackOff"),
        ("BackOff", "Back-off restarting failed container app in pod web-1_shop(1)"),
        ("Failed", 'Error: failed to start container "app"'),
        ("Created", "Created container app"),
    ],
)
def test_messages_that_are_not_results_are_skipped(reason, message, run_sql: RunSql):
    assert pull(reason, message, run_sql) == []


def test_combined_messages_are_read_without_their_prefix(run_sql: RunSql):
    (row,) = pull("Pulled", f'(combined from similar events): Successfully pulled image "{IMAGE}" in 2s', run_sql)
    assert (row["image"], row["result"], row["took"]) == (IMAGE, "pulled", 2)


def test_one_event_with_a_count_of_three_is_three_pulls(run_sql: RunSql):
    sql = "SELECT times, latest FROM pulls"
    assert pull("Pulled", f'Successfully pulled image "{IMAGE}" in 2s', run_sql, sql, count=3) == [
        {"times": 3, "latest": at("09:00")}
    ]


def test_later_observations_of_an_event_add_only_new_pulls(run_sql: RunSql):
    message = f'Container image "{IMAGE}" already present on machine'
    rows = [
        observation(at(f"09:0{count}"), first_seen=at("09:00"), count=count, reason="Pulled", message=message)
        for count in (2, 5, 5)
    ]
    assert run_sql(rows, "SELECT sum(times)::INTEGER AS n FROM pulls") == [{"n": 5}]


def test_a_pull_has_its_pod_container_and_node(run_sql: RunSql):
    sql = "SELECT pod, container, node, namespace, cluster FROM pulls"
    (row,) = pull("Pulled", f'Successfully pulled image "{IMAGE}"', run_sql, sql, field_path="spec.containers{app}")
    assert row == {"pod": "web-1", "container": "app", "node": "node-a", "namespace": "shop", "cluster": "prod"}
