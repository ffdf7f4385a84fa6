"""Fixtures of a running scripted cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server import Etcd, Server


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
