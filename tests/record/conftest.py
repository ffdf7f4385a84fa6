"""A scripted cluster and a store for what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.record.recording import Run
from tests.server import Etcd, Server


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    etcd = Etcd()
    with Server(etcd) as server:
        yield Run(etcd, server, tmp_path)
