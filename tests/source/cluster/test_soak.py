"""Many faults in any order while events happen: what was received is what existed, each version once."""

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
_LINE = line("ADDED", encode(event("torn.1", "default", "u", message="Zwölf \u2028 Boxkämpfer")))


def anything(luck: random.Random) -> Fault:
    """Something that goes wrong with a watch and loses no history."""
    part = _LINE[: luck.randrange(1, len(_LINE) - 1)]
    served = luck.randrange(4)
    return luck.choice(
        [
            faults.serves(served, faults.quiet_end),
            faults.serves(served, faults.reset),
            faults.serves(served, faults.reset_in_mid_line(part)),
            faults.serves(served, faults.truncated_chunk(part)),
            faults.serves(served, faults.end_in_mid_line(part)),
            faults.sends(faults.bookmark(1), b"no json\n", b'{"type":"ADDED","object":null}\n'),
            faults.status(503, "ServiceUnavailable"),
            faults.status(429, "TooManyRequests", {"Retry-After": "0"}),
            faults.html(502),
            faults.in_stream(500, "InternalError"),
            faults.resets(),
            faults.ends_at_once(),
            faults.late(0.05, faults.serves(served, faults.quiet_end)),
        ]
    )


@pytest.mark.parametrize("seed", range(2))
def test_thirty_faults_in_any_order_lose_nothing_and_repeat_nothing(
    server: Server, etcd: Etcd, kube: Kube, seed: int
) -> None:
    luck = random.Random(seed)
    server.script(*[anything(luck) for _ in range(30)], when="watch")
    server.script(lambda *_: False, when="list")
    server.script(*[faults.status(500, "InternalError"), lambda *_: False, faults.resets()] * 5, when="list")
    names = etcd.add(5)

    def happen() -> None:
        while not server.requests("watch"):
            time.sleep(0.001)  # what is updated before the list cannot be seen
        while server.requests("watch")[30:] == []:
            etcd.update(luck.choice(names), message=f"{luck.random()}")
            names.extend(etcd.add())
            time.sleep(0.004)

    feeder = in_background(happen)
    seen = watch(
        kube, lambda s: not feeder.is_alive() and len(s.observations) >= len(etcd.ledger), timing=BRISK, limit=20
    )
    received = [version for version in seen.observations if version.name != "torn.1"]
    assert sorted(received, key=lambda version: version.resource_version) == etcd.ledger
    assert len(seen.of(ListDone)) == 1


def test_compactions_at_any_time_never_lose_the_last_state_of_an_event(server: Server, etcd: Etcd, kube: Kube) -> None:
    luck = random.Random(7)
    names = etcd.add(10)

    def compacted(exchange: Exchange, api: Api) -> bool:
        for _ in range(3):
            etcd.update(luck.choice(names))
        etcd.compact()
        return False

    ends = [faults.serves(luck.randrange(1, 5), faults.quiet_end) for _ in range(30)]
    server.script(*[fault for end in ends for fault in (end, luck.choice([end, compacted]))], when="watch")

    def happen() -> None:
        while server.remaining_faults:
            etcd.update(luck.choice(names))
            time.sleep(0.003)

    feeder = in_background(happen)

    def is_complete(seen: Seen) -> bool:
        last = {version.name: version for version in etcd.ledger}
        return not feeder.is_alive() and set(last.values()) <= set(seen.observations)

    seen = watch(kube, is_complete, timing=BRISK, limit=20)
    assert set(seen.observations) <= set(etcd.ledger)
    assert len(seen.of(ListDone)) > 5
