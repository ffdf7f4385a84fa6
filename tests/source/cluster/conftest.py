"""Fixtures of a scripted cluster and a client for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kevents.source.cluster.client import Kube
from tests.server import Server
from tests.server.fixtures import _no_proxy, etcd, server
from tests.source.cluster.watching import kube_of

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures


@pytest.fixture
def kube(server: Server, tmp_path: Path) -> Kube:
    return kube_of(server, tmp_path)
