"""A few kills of what works on one store together; `python -m tests.bench.maintenance_kills` does 200."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from tests.maintenance.kills import Together
from tests.record.process import commands_of
from tests.server import Etcd, Server
from tests.server.fixtures import _no_proxy, etcd, server

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures

_KILLS = int(os.environ.get("KEVENTS_KILLS", "4"))


def test_kills_at_random_lose_nothing_double_nothing_and_leave_nothing(
    etcd: Etcd, server: Server, tmp_path: Path
) -> None:
    commands = commands_of(server, tmp_path)
    together = Together(commands, etcd, random.Random(3))
    together.run(_KILLS, pause=2.5)
    together.finish()
    assert together.wrong == []
    assert together.recorded == sorted(etcd.ledger, key=lambda version: version.resource_version)
    imported = together.imported
    assert imported == together.to_be_imported(imported)
    assert json.loads(commands.answer("store", "verify", "-o", "json")) == []
