"""Responses that arrive so slowly that no timeout of a socket ends them."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from kevents.source.cluster.client import Environment, Flags, Kube, connect
from kevents.source.cluster.errors import ClusterError
from kevents.source.cluster.object_events import list_events
from kevents.source.cluster.updates import Cause, Scope
from tests.server import Api, Etcd, Server
from tests.server.exchange import Exchange
from tests.server.server import Fault
from tests.source.cluster.watching import CLOCK, QUICK, in_background, kube_of, watch

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def trickles(head: bytes, pieces: bytes) -> Fault:
    """Send the head at once, and then these bytes again and again, one at a time."""

    def fault(exchange: Exchange, _: Api) -> None:
        exchange.raw(head)
        end = time.monotonic() + 20
        while time.monotonic() < end and not exchange.closing:
            for byte in pieces:
                exchange.raw(bytes([byte]))
                time.sleep(0.03)

    return fault


TRICKLES = [
    pytest.param(trickles(b"", b"H" * 9), id="status line"),
    pytest.param(trickles(HEAD, b"X: y\r\n"), id="headers"),
    pytest.param(trickles(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), id="chunks"),
    pytest.param(trickles(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"), id="chunk length"),
    pytest.param(trickles(HEAD + b"Content-Length: 99999\r\n\r\n", b" "), id="body with a length"),
    pytest.param(trickles(HEAD + b"Connection: close\r\n\r\n", b"{ "), id="body without a length"),
    pytest.param(trickles(b"HTTP/1.1 500 No\r\nContent-Length: 99999\r\n\r\n", b" "), id="body of an error"),
]


def impatient(server: Server, directory: Path) -> Kube:
    kube_of(server, directory)
    flags = Flags(kubeconfig=directory / "kubeconfig", request_timeout=0.5)
    return connect(flags, Environment({}, directory, CLOCK.now, plugin_timeout=0.5))


@pytest.mark.parametrize("fault", TRICKLES)
def test_a_list_has_to_be_complete_within_the_request_timeout(server: Server, tmp_path: Path, fault: Fault) -> None:
    server.script(fault, when="list")
    start = time.monotonic()
    with pytest.raises(ClusterError):
        list_events(impatient(server, tmp_path), Scope("shop"), CLOCK.now())
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("fault", TRICKLES[:-1])
def test_a_watch_without_a_complete_line_is_ended(server: Server, etcd: Etcd, kube: Kube, fault: Fault) -> None:
    server.script(fault, when="watch")
    in_background(etcd.add, 0.1)
    seen = watch(kube, lambda s: bool(s.observations))
    assert seen.retries in ([Cause.SILENT], [Cause.BROKEN, Cause.SILENT])
    assert seen.gaps == [(Cause.SILENT, "all")]


def test_a_watch_goes_on_as_long_as_lines_arrive(server: Server, etcd: Etcd, kube: Kube) -> None:
    timing = replace(QUICK, watch_timeout=(2, 2), watch_margin=-1.5)

    def add() -> None:
        for _ in range(6):
            time.sleep(0.2)
            etcd.add()

    in_background(add)
    seen = watch(kube, lambda s: len(s.observations) == 6, timing=timing)
    assert not seen.retries


def test_time_in_which_nobody_reads_does_not_count(server: Server, etcd: Etcd, tmp_path: Path) -> None:
    etcd.add(2000)
    response = impatient(server, tmp_path).get("/api/v1/events", {})
    response.read()
    time.sleep(1)
    while response.read():
        pass
    response.close()
