"""Files of a store are private to the user, whatever the umask of the shell."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kevents.store.store import Store
from tests.store.small_recorder import CLUSTER, document, open_journal, record

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "dump.json").write_bytes(document(1))
    return tmp_path / "store"


def run_with_open_umask(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, umask=0o022, check=True)


def assert_private(directory: Path) -> None:
    for path in [directory, *directory.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_command_line_creates_private_files(store: Path) -> None:
    run_with_open_umask("kevents", "import", str(store.parent / "dump.json"), "--store", str(store))
    assert list(store.rglob("*.parquet"))
    assert_private(store)


def test_a_worker_process_creates_private_files(store: Path) -> None:
    journal = open_journal(Store(store))
    record(journal, 1)
    journal.close()
    run_with_open_umask("kevents.store.recording.seal", str(store), CLUSTER, "1")
    assert list(store.rglob("*.parquet"))
    assert_private(store)
