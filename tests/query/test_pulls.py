"""What kubelets of every version say of images (events.md §5)."""

from __future__ import annotations

import pytest

from tests.observations import at, observation
from tests.query.conftest import Ask

X = "registry.example/shop/web:1.4"
COLUMNS = "image, result, took, waited, size, error"


def pull(reason: str, message: str, ask: Ask, sql: str = f"SELECT {COLUMNS} FROM pulls", **columns):
    return ask([observation(at("09:00"), reason=reason, message=message, **columns)], sql)


@pytest.mark.parametrize(
    ("said", "took", "waited", "size"),
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
def test_a_pull_says_how_long_it_took_and_how_large_the_image_is(said, took, waited, size, ask: Ask):
    (row,) = pull("Pulled", f'Successfully pulled image "{X}"{said}', ask)
    assert (row["image"], row["result"], row["error"]) == (X, "pulled", None)
    assert row["took"] == pytest.approx(took) if took is not None else row["took"] is None
    assert row["waited"] == pytest.approx(waited) if waited is not None else row["waited"] is None
    assert row["size"] == size


@pytest.mark.parametrize(
    ("reason", "message", "result", "error"),
    [
        ("Pulled", f'Container image "{X}" already present on machine', "cached", None),
        ("Pulled", f'Container image "{X}" already present on machine and can be accessed by the pod', "cached", None),
        ("BackOff", f'Back-off pulling image "{X}"', "backoff", None),
        ("BackOff", f'Back-off pulling image "{X}": ErrImagePull: not found', "backoff", "ErrImagePull: not found"),
        (
            "Failed",
            f'Failed to pull image "{X}": rpc error: "{X}": not found',
            "failed",
            f'rpc error: "{X}": not found',
        ),
        ("InspectFailed", f'Failed to inspect image "{X}": gone', "failed", "gone"),
        ("InspectFailed", f'Failed to apply default image tag "{X}": bad name', "failed", "bad name"),
        (
            "ErrImageNeverPull",
            f'Container image "{X}" is not present with pull policy of Never',
            "failed",
            f'Container image "{X}" is not present with pull policy of Never',
        ),
    ],
)
def test_every_other_result_is_told_apart(reason, message, result, error, ask: Ask):
    (row,) = pull(reason, message, ask)
    assert row == {"image": X, "result": result, "took": None, "waited": None, "size": None, "error": error}


def test_half_a_name_is_no_image(ask: Ask):
    assert pull("Failed", 'Failed to pull image "registry.example/sh', ask)[0]["image"] is None
    assert pull("BackOff", 'Back-off pulling image ""', ask)[0]["image"] is None


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("Pulling", f'Pulling image "{X}"'),
        ("Pulling", f'pulling image "{X}"'),
        ("Failed", "Error: ErrImagePull"),
        ("Failed", "Error: ImagePullBackOff"),
        ("BackOff", "Back-off restarting failed container app in pod web-1_shop(1)"),
        ("Failed", 'Error: failed to start container "app"'),
        ("Created", "Created container app"),
    ],
)
def test_what_is_no_result_is_left_out(reason, message, ask: Ask):
    assert pull(reason, message, ask) == []


def test_combined_messages_are_read_without_their_prefix(ask: Ask):
    (row,) = pull("Pulled", f'(combined from similar events): Successfully pulled image "{X}" in 2s', ask)
    assert (row["image"], row["result"], row["took"]) == (X, "pulled", 2)


def test_one_event_with_a_count_of_three_is_three_pulls(ask: Ask):
    sql = "SELECT times, latest FROM pulls"
    assert pull("Pulled", f'Successfully pulled image "{X}" in 2s', ask, sql, count=3) == [
        {"times": 3, "latest": at("09:00")}
    ]


def test_later_observations_of_an_event_add_only_what_is_new(ask: Ask):
    message = f'Container image "{X}" already present on machine'
    rows = [
        observation(at(f"09:0{count}"), first_seen=at("09:00"), count=count, reason="Pulled", message=message)
        for count in (2, 5, 5)
    ]
    assert ask(rows, "SELECT sum(times)::INTEGER AS n FROM pulls") == [{"n": 5}]


def test_a_pull_names_its_pod_container_and_node(ask: Ask):
    sql = "SELECT pod, container, node, namespace, cluster FROM pulls"
    (row,) = pull("Pulled", f'Successfully pulled image "{X}"', ask, sql, field_path="spec.containers{app}")
    assert row == {"pod": "web-1", "container": "app", "node": "node-a", "namespace": "shop", "cluster": "prod"}
