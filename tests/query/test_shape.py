"""Shapes of messages of kubelets, controllers and schedulers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from tests.observations import NOW

ENGINE = cache(lambda: Engine([], Selection(), NOW))


def shape(message: str | None, name: str | None = None) -> str | None:
    sql, values = "SELECT shape_of($message) AS shape", {"message": message}
    if name is not None:
        sql, values = "SELECT shape_of($message, $name) AS shape", {"message": message, "name": name}
    return next(row["shape"] for batch in ENGINE().batches(sql, values) for row in batch.to_pylist())


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        # image pulls
        ('Successfully pulled image "nginx" in 49.5260537s', 'Successfully pulled image "*" in #'),
        (
            '(combined from similar events): Successfully pulled image "a/b:1" in 3m52.584241679s',
            'Successfully pulled image "*" in #',
        ),
        (
            'Successfully pulled image "x" in 308ms (1.2s including waiting). Image size: 3810510 bytes.',
            'Successfully pulled image "*" in # (# including waiting). Image size: # bytes.',
        ),
        # numbers, quantities and versions; x509 and k8s.io are words
        ("0/12 nodes are available: 3 Insufficient cpu.", "#/# nodes are available: # Insufficient cpu."),
        ("The node had memory usage 128Mi of 1.5Gi", "The node had memory usage # of #"),
        ("get pods.metrics.k8s.io: x509v3", "get pods.metrics.k8s.io: x509v#"),
        ("disk on worker12 is full", "disk on worker# is full"),
        # addresses
        (
            "dial tcp 10.42.0.76:8080: i/o timeout, then [fe80::1] and 2001:db8:0:0:1:0:0:1",
            "dial tcp *: i/o timeout, then [*] and *",
        ),
        ("Get http://10.0.9.16:9099/readiness: dial tcp", "Get *: dial tcp"),
        # hashes
        ("container be43ff8557124 gone, sha256:00ff, 0xc000123", "container * gone, *, *"),
        ("claim 62c729fc-6804-4fc8-a9e5-0cd981f491b8 lost", "claim * lost"),
        ("Pod svclb-traefik-9ce4920b and coredns-5db97b446d-qg5hv", "Pod svclb-traefik-* and coredns*"),
        # names without quotes
        ("Created pod: web-5bb5669766-kr2lw", "Created pod: *"),
        ("Started container app", "Started container *"),
        ("Scaled down replica set web-5bb5669766 from 3 to 2", "Scaled down replica set * from # to #"),
        ("Successfully assigned shop/web-1 to node-a", "Successfully assigned * to *"),
        (
            "Back-off restarting failed container app in pod web-1_shop(62c729fc-6804-4fc8-a9e5-0cd981f491b8)",
            "Back-off restarting failed container * in pod *(*)",
        ),
        # nested quotes, unclosed quotes, apostrophes
        (r'failed: "a \"b\" c" and \"d\"', 'failed: "*" and "*"'),
        ('exec: "sh', 'exec: "sh'),
        ("that the pod didn't tolerate, the user's 'x'", "that the pod didn't tolerate, the user's *"),
        (
            "unmounted volumes=[host], unattached volumes=[host kube-api-access-xddvj]: timed out",
            "unmounted volumes=[*], unattached volumes=[*]: timed out",
        ),
        ("Liveness probe failed: ", "Liveness probe failed:"),
        ("", ""),
        (None, None),
    ],
)
def test_varying_parts_are_masked_and_the_rest_is_kept(message: str | None, expected: str | None):
    assert shape(message) == expected


@pytest.mark.parametrize(
    ("message", "name", "expected"),
    [
        ("Node worker-a status is now: NodeNotReady", "worker-a", "Node * status is now: NodeNotReady"),
        ("Node ip-10-0-0-1.ec2 has been rebooted", "ip-10-0-0-1.ec2", "Node * has been rebooted"),
        ("web is not a webhook, and web.shop is web", "web", "* is not a webhook, and *.shop is *"),
        ("b.c is not bxc", "b.c", "* is not bxc"),
        ("nothing of it here", "", "nothing of it here"),
    ],
)
def test_the_name_of_the_events_object_is_masked_as_a_word(message: str, name: str, expected: str):
    assert shape(message, name) == expected


@pytest.mark.parametrize("end", [" ", "   ", "\u00a0", " \u2003", ""])
@pytest.mark.parametrize("start", ["", "(combined from similar events): "])
def test_trailing_spaces_do_not_change_the_shape(start: str, end: str):
    assert shape(f"{start}probe 7 failed in pod web-1{end}") == "probe # failed in pod *"


def test_a_long_message_has_a_limited_shape():
    assert len(shape("x " * 500_000 + "1") or "") <= 2000


def test_the_failed_mounts_of_a_real_node_have_two_shapes(shared: Path):
    events = json.loads((shared / "dumps/public/failed-mount.json").read_bytes())["items"]
    messages = {event["message"] for event in events if event["reason"] == "FailedMount"}
    # checked by hand: a volume whose host path is not a directory, and the kubelet waiting for volumes
    assert {shape(message) for message in messages} == {
        'MountVolume.SetUp failed for volume "*" : hostPath type check failed: /var/lib/collectd is not a directory',
        "Unable to attach or mount volumes: unmounted volumes=[*], unattached volumes=[*]: "
        "timed out waiting for the condition",
    }
