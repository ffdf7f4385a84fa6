"""A scripted cluster and the way to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kevents.source.kube import Kube
from tests.server import Etcd, Server
from tests.source.live.watching import kube_of


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def etcd() -> Etcd:
    return Etcd()


@pytest.fixture
def server(etcd: Etcd) -> Iterator[Server]:
    with Server(etcd) as running:
        yield running


@pytest.fixture
def kube(server: Server, tmp_path: Path) -> Kube:
    return kube_of(server, tmp_path)
