"""`kevents record` on a slow disk."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.record.process import Commands, until
from tests.record.recording import stored_versions
from tests.record.test_command import Load
from tests.server import Etcd, Server

SLOW = """
import os, time
real = os.fsync
def fsync(descriptor):
    time.sleep(2)
    real(descriptor)
os.fsync = fsync
"""


def test_sigterm_ends_it_within_10_seconds(
    kevents: Commands, etcd: Etcd, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "sitecustomize.py").write_text(SLOW)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "slow"))
    etcd.add(100)
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(server.requests("watch")), 60)
        with Load(etcd, pause=0.3):
            time.sleep(6)  # until its queue of signals is full
            start = time.monotonic()
            recorder.send(signal.SIGTERM)
            assert recorder.ended(40) == 0
        assert time.monotonic() - start < 10
    versions = stored_versions(kevents.store)
    assert versions == etcd.ledger[: len(versions)]
    assert len(versions) >= 100
