"""A few kills of what works on one store together; `python -m tests.bench.maintenance_kills` does 200."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from tests.maintenance.kills import KillTest
from tests.record.process import commands_of
from tests.server import Etcd, Server
from tests.server.fixtures import _no_proxy, etcd, server

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures

_KILLS = int(os.environ.get("KEVENTS_KILLS", "4"))


def test_random_kills_lose_and_duplicate_nothing_and_leave_no_files(etcd: Etcd, server: Server, tmp_path: Path) -> None:
    commands = commands_of(server, tmp_path)
    kill_test = KillTest(commands, etcd, random.Random(3))
    kill_test.run(_KILLS, pause=2.5)
    kill_test.finish()
    assert kill_test.errors == []
    assert kill_test.recorded == sorted(etcd.ledger, key=lambda version: version.resource_version)
    imported = kill_test.imported
    assert imported == kill_test.expected_imported(imported)
    assert json.loads(commands.answer("store", "verify", "-o", "json")) == []
