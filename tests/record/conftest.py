"""Fixtures: a scripted cluster, and a store into which it is recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.record.process import Commands, commands_of
from tests.record.recording import Run
from tests.server import Etcd, Server
from tests.server.fixtures import _no_proxy, etcd, server

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures


@pytest.fixture
def run(etcd: Etcd, server: Server, tmp_path: Path) -> Run:
    return Run(etcd, server, tmp_path)


@pytest.fixture
def kevents(server: Server, tmp_path: Path) -> Commands:
    return commands_of(server, tmp_path)
