"""The ways in which a watch ends: none of them loses or repeats an event (R1 to R4, R15, R19, R20)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kevents.source.cluster.backoff import Timing
from kevents.source.cluster.client import Kube
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import Cause, Gap, Heartbeat, Retry, Scope, WatchOpened
from tests.server import Etcd, Flood, Server, faults
from tests.server.events import encode, event, line
from tests.server.exchange import Exchange
from tests.source.cluster.watching import in_background, kube_of, watch


def test_a_watch_that_ends_cleanly_a_hundred_times_loses_and_repeats_nothing_and_lists_once(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    etcd.add(3)
    server.script(*[faults.serves(1, faults.quiet_end)] * 100, when="watch")

    def create_events() -> None:
        while server.remaining_faults:
            etcd.add()
            time.sleep(0.002)
        etcd.add(2)

    writer = in_background(create_events)
    seen = watch(kube, lambda s: not writer.is_alive() and len(s.observations) >= len(etcd.ledger))
    assert sorted(seen.observations, key=lambda v: v.resource_version) == etcd.ledger
    assert len(server.requests("list")) == 1
    assert len(server.requests("watch")) >= 100
    assert not seen.of(Retry)
    assert not seen.of(Gap)


def test_waits_grow_if_watches_end_immediately_without_a_line(server: Server, etcd: Etcd, kube: Kube) -> None:
    server.script(*[faults.ends_at_once()] * 20, when="watch")
    timing = Timing(watch_timeout=(1, 1), short_watch=0.03, first_wait=0.001, max_wait=0.1)
    seen = watch(kube, lambda s: len(s.of(WatchOpened)) == 21, timing=timing)
    assert seen.retries == [Cause.BRIEF] * 20
    assert [retry.attempt for retry in seen.of(Retry)] == list(range(1, 21))
    waits = [retry.wait for retry in seen.of(Retry)]
    assert waits == sorted(waits)
    assert waits[0] == timing.short_watch  # one second by default, so at most one request per second
    assert waits[-1] == timing.max_wait
    assert len(server.requests("list")) == 1


_HALF = line("ADDED", encode(event("half.1", "default", "u", message="Zwölf Boxkämpfer")))
_IN_MID_CHARACTER = _HALF.index("ö".encode()) + 1


@pytest.mark.parametrize(
    "then",
    [
        pytest.param(faults.reset_in_mid_line(_HALF[:300]), id="a reset in the middle of a line"),
        pytest.param(faults.reset_in_mid_line(_HALF[:_IN_MID_CHARACTER]), id="a reset in the middle of a character"),
        pytest.param(faults.reset_in_mid_line(b'{"type":"ADD'), id="a reset in the middle of the type"),
        pytest.param(faults.truncated_chunk(_HALF[:200]), id="a truncated chunk"),
        pytest.param(faults.end_in_mid_line(_HALF[:-30]), id="a clean end in the middle of a line"),
    ],
)
def test_a_truncated_line_is_counted_and_no_event_is_lost_or_repeated(
    server: Server, etcd: Etcd, kube: Kube, then: Callable[[Exchange], None]
) -> None:
    etcd.add(3)
    server.script(faults.serves(2, then), when="watch")
    in_background(lambda: etcd.add(2), 0.1)
    in_background(lambda: etcd.add(2), 0.4)
    seen = watch(kube, lambda s: len(s.observations) >= 7)
    assert seen.observations == etcd.ledger
    assert seen.counts == {"torn lines": 1}
    assert seen.retries == [Cause.BROKEN]
    assert seen.gaps == [(Cause.BROKEN, "all")]


def test_a_watch_without_chunks_or_length_is_read_line_by_line(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(2)
    version, _ = etcd.version, etcd.add(4)
    _, lines = etcd.changes(version, None, 0)

    def script(exchange: Exchange, api: object) -> None:
        faults.unchunked(*lines)(exchange, server.api)

    server.script(script, when="watch")
    in_background(lambda: etcd.add(2), 0.3)
    seen = watch(kube, lambda s: len(set(s.observations)) >= 8)
    assert set(seen.observations) == set(etcd.ledger)
    assert not seen.counts


def test_a_silent_server_is_noticed_and_the_gap_is_reported_and_recovered(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    server.script(faults.serves(1, faults.stall), when="watch")
    in_background(etcd.add, 0.1)
    in_background(lambda: etcd.add(3), 0.6)
    seen = watch(kube, lambda s: len(s.observations) == 4)
    assert seen.observations == etcd.ledger
    assert seen.gaps == [(Cause.SILENT, "all")]
    gap = seen.of(Gap)[0]
    assert 1.0 < (gap.end - gap.start).total_seconds() < 2  # timeoutSeconds 1 and a margin of 0.2


def test_silence_is_noticed_within_105_seconds_by_default() -> None:
    timing = Timing()
    assert max(timing.watch_timeout) + timing.watch_margin <= 105


def test_a_request_without_a_response_times_out(server: Server, etcd: Etcd, kube: Kube) -> None:
    server.script(faults.silent(), when="watch")
    in_background(etcd.add, 0.1)
    seen = watch(kube, lambda s: bool(s.observations))
    assert seen.retries == [Cause.SILENT]


def test_a_thousand_deletions_with_one_version_are_not_observations(server: Server, etcd: Etcd, kube: Kube) -> None:
    names = etcd.add(1000)
    in_background(lambda: etcd.expire(names), 0.5)
    seen = watch(kube, lambda s: s.counts["deletions"] == 1000)
    assert len(seen.observations) == 1000
    assert seen.counts == {"deletions": 1000}
    seen = watch(kube, lambda s: bool(s.of(Heartbeat)))
    assert seen.checkpoint is not None
    assert seen.checkpoint.resource_version == etcd.version


def test_lines_that_are_not_observations_are_counted_and_the_stream_continues(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    good = line("ADDED", encode(event("good.1", "default", "u1")).replace(b'"0"', b'"1001"'))
    spaced = b'{ "object": {"metadata": {"name": "spaced.1", "namespace": "default", "uid": "u2", '
    spaced += b'"resourceVersion": "1002"}}, "type": "MODIFIED" }\r\n'
    odd = [
        faults.bookmark(1003),
        b'{"type":"SURPRISE","object":{}}\n',
        b'{"type":"ADDED","object":null}\n',
        b'{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{}}}\n',
        b"upstream connect error\n",
        b"[1]\n",
        b"\n",
    ]
    server.script(faults.sends(good, *odd, spaced), when="watch")
    etcd.version = 1010
    in_background(etcd.add, 0.3)
    seen = watch(kube, lambda s: len(s.observations) == 3)
    assert [observation.name for observation in seen.observations[:2]] == ["good.1", "spaced.1"]
    assert seen.counts == {
        "bookmarks": 1,
        "lines of an unknown type": 2,
        "objects that are no events": 2,
        "lines that are no JSON": 1,
    }


def test_unicode_line_separators_in_a_message_do_not_end_a_line(server: Server, etcd: Etcd, kube: Kube) -> None:
    in_background(lambda: etcd.add(2, message="a\u2028b\u0085c\u2029d\x0be"), 0.1)
    assert watch(kube, lambda s: len(s.observations) == 2).observations == etcd.ledger


def test_a_message_of_one_and_a_half_megabytes_is_complete_in_list_and_watch(
    server: Server, etcd: Etcd, kube: Kube
) -> None:
    etcd.add(message="ä" * 750_000)
    in_background(lambda: etcd.add(2, message='"}},{"metadata":' * 100_000), 0.3)
    assert watch(kube, lambda s: len(s.observations) == 3).observations == etcd.ledger


def test_a_burst_of_twenty_thousand_events_is_complete_and_in_order(tmp_path: Path) -> None:
    with Server(Flood(0, 20_000, 0)) as server:
        seen = watch(kube_of(server, tmp_path), lambda s: len(s.observations) >= 20_000)
    versions = [observation.resource_version for observation in seen.observations]
    assert versions == list(range(versions[0], versions[0] + 20_000))


def test_several_namespaces_are_watched_concurrently(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add(2, "shop")
    etcd.add(2, "bank")
    etcd.add(2, "else")
    in_background(lambda: (etcd.add(3, "bank"), etcd.add(1, "shop"), etcd.add(1, "else")), 0.2)
    options = WatchOptions(scopes=(Scope("shop"), Scope("bank")))
    seen = watch(kube, lambda s: len(s.observations) >= 8, options)
    assert set(seen.observations) == {version for version in etcd.ledger if version.namespace != "else"}
    assert {logged.request.path for logged in server.log} == {
        "/api/v1/namespaces/shop/events",
        "/api/v1/namespaces/bank/events",
    }
