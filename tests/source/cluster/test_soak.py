"""Many faults in random order while events are created: every version is received exactly once."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from kevents.source.cluster.client import Kube
from kevents.source.cluster.updates import ListDone
from tests.server import Api, Etcd, Server, faults
from tests.server.events import encode, event, line
from tests.server.exchange import Exchange
from tests.server.server import Fault
from tests.source.cluster.watching import QUICK, Seen, in_background, watch

BRISK = replace(QUICK, short_watch=0.01, max_wait=0.01)
_LINE = line("ADDED", encode(event("partial.1", "default", "u", message="Zwölf \u2028 Boxkämpfer")))


def random_fault(rng: random.Random) -> Fault:
    """A fault of a watch that loses no history."""
    part = _LINE[: rng.randrange(1, len(_LINE) - 1)]
    lines = rng.randrange(4)
    return rng.choice(
        [
            faults.serves(lines, faults.quiet_end),
            faults.serves(lines, faults.reset),
            faults.serves(lines, faults.reset_in_mid_line(part)),
            faults.serves(lines, faults.truncated_chunk(part)),
            faults.serves(lines, faults.end_in_mid_line(part)),
            faults.sends(faults.bookmark(1), b"no json\n", b'{"type":"ADDED","object":null}\n'),
            faults.status(503, "ServiceUnavailable"),
            faults.status(429, "TooManyRequests", {"Retry-After": "0"}),
            faults.html(502),
            faults.in_stream(500, "InternalError"),
            faults.resets(),
            faults.ends_at_once(),
            faults.late(0.05, faults.serves(lines, faults.quiet_end)),
        ]
    )


@pytest.mark.parametrize("seed", range(2))
def test_thirty_faults_in_random_order_lose_and_repeat_nothing(
    server: Server, etcd: Etcd, kube: Kube, seed: int
) -> None:
    rng = random.Random(seed)
    server.script(*[random_fault(rng) for _ in range(30)], when="watch")
    server.script(lambda *_: False, when="list")
    server.script(*[faults.status(500, "InternalError"), lambda *_: False, faults.resets()] * 5, when="list")
    names = etcd.add(5)

    def create_events() -> None:
        while not server.requests("watch"):
            time.sleep(0.001)  # an update before the list would not be observed
        while server.requests("watch")[30:] == []:
            etcd.update(rng.choice(names), message=f"{rng.random()}")
            names.extend(etcd.add())
            time.sleep(0.004)

    writer = in_background(create_events)
    seen = watch(
        kube, lambda s: not writer.is_alive() and len(s.observations) >= len(etcd.ledger), timing=BRISK, limit=20
    )
    received = [version for version in seen.observations if version.name != "partial.1"]
    assert sorted(received, key=lambda version: version.resource_version) == etcd.ledger
    assert len(seen.of(ListDone)) == 1


def test_compactions_at_any_time_never_lose_the_last_state_of_an_event(server: Server, etcd: Etcd, kube: Kube) -> None:
    rng = random.Random(7)
    names = etcd.add(10)

    def compacted(exchange: Exchange, api: Api) -> bool:
        for _ in range(3):
            etcd.update(rng.choice(names))
        etcd.compact()
        return False

    ends = [faults.serves(rng.randrange(1, 5), faults.quiet_end) for _ in range(30)]
    server.script(*[fault for end in ends for fault in (end, rng.choice([end, compacted]))], when="watch")

    def create_events() -> None:
        while server.remaining_faults:
            etcd.update(rng.choice(names))
            time.sleep(0.003)

    writer = in_background(create_events)

    def is_complete(seen: Seen) -> bool:
        last = {version.name: version for version in etcd.ledger}
        return not writer.is_alive() and set(last.values()) <= set(seen.observations)

    seen = watch(kube, is_complete, timing=BRISK, limit=20)
    assert set(seen.observations) <= set(etcd.ledger)
    assert len(seen.of(ListDone)) > 5
