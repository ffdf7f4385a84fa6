"""`kevents query` as a process: its memory, its temporary files, and what stops it."""

from __future__ import annotations

import os
import pty
import resource
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kevents.demo import INCIDENT
from tests.screen import run

# one call of a function that DuckDB cannot interrupt; each runs for much longer than the test waits
ONE_LONG_FUNCTION = [
    "SELECT sum(length(regexp_replace(repeat('a', 100000000), 'a', 'bb', 'g')))",
    "SELECT list_sum(list_reverse(range(80000000))) + levenshtein(repeat('ab', 9000000), repeat('ba', 9000000))",
]
MANY_ROWS = "SELECT sum(hash(range)) FROM range(1000000000000)"
SPILLS = "SELECT * FROM range(300000000) ORDER BY hash(range)"
TOO_LARGE = [
    "SELECT length(repeat('x', 3000000000))",
    "SELECT list(range) FROM range(300000000)",
    "SELECT list_sum(range(300000000))",
    "SELECT repeat('x', 1000000) FROM range(3000)",
    "SELECT string_agg(repeat('x', 1000), '') FROM range(2000000)",
]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("query") / "store"
    assert run("import", str(INCIDENT), "--store", str(directory)).status == 0
    return directory


@pytest.fixture
def start(store: Path, tmp_path: Path) -> Start:
    """Starts `kevents query` with its own cache directory, which is `cache` in tmp_path."""
    env = os.environ | {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "KEVENTS_CONFIG_DIR": os.devnull,
        "HOME": str(tmp_path),
    }

    def query(*arguments: str, **options) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kevents", "query", *arguments, "--store", str(store)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=env, **(streams | options))

    return query


def spilled(directory: Path) -> list[Path]:
    """The temporary directories of queries."""
    return list(directory.glob("cache/kevents/spill/*"))


def status_of(process: subprocess.Popen[str]) -> int:
    """The exit status, once the process has ended."""
    process.communicate(timeout=60)
    return process.returncode


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=str,
)
@pytest.mark.parametrize("sql", [*ONE_LONG_FUNCTION, MANY_ROWS, SPILLS])
def test_a_signal_ends_the_query_and_deletes_its_files(sql, number, status, start: Start, tmp_path: Path):
    process = start(sql)
    wait_until(lambda: spilled(tmp_path))
    time.sleep(1)  # the query runs
    assert process.poll() is None
    sent = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - sent < 3  # 2 on an idle machine
    assert (process.returncode, out) == (status, "")
    assert "Traceback" not in err
    assert not spilled(tmp_path)


def test_files_of_a_killed_query_are_deleted_by_the_next_one_but_not_those_of_a_running_one(
    start: Start, tmp_path: Path
):
    running, killed = start(MANY_ROWS), start(SPILLS)
    wait_until(lambda: len(spilled(tmp_path)) == 2)
    killed.kill()
    status_of(killed)
    assert len(spilled(tmp_path)) == 2
    assert status_of(start("SELECT 1")) == 0
    assert len(spilled(tmp_path)) == 1
    running.terminate()
    status_of(running)
    assert not spilled(tmp_path)


@pytest.mark.parametrize("sql", TOO_LARGE)
def test_too_much_memory_is_a_sentence_that_names_the_flag(sql, start: Start):
    process = start(sql, "--memory-limit", "500MB")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    _, err = process.communicate()
    assert process.returncode == 5
    assert err.splitlines() == [
        "kevents: the query needs more memory than it may use",
        "  The limit is 0.5GB. Raise it, such as --memory-limit 1GB, or use filters.",
    ]
    assert usage.ru_maxrss < 1_000_000  # KiB


def test_the_limit_can_be_raised_and_comes_from_the_configuration(start: Start, tmp_path: Path):
    sql = "SELECT length(repeat('x', 300000000))"
    assert status_of(start(sql, "--memory-limit", "150MB")) == 5
    assert status_of(start(sql, "--memory-limit", "1500MB")) == 0
    (tmp_path / "config.toml").write_text('[query]\nmemory-limit = "150MB"\n')
    env = {"KEVENTS_CONFIG_DIR": str(tmp_path), "KEVENTS_STORE": "/nonexistent", "HOME": str(tmp_path)}
    assert "memory-limit" in run("config", "show", env=env).out


@pytest.mark.parametrize("size", ["10MB", "0", "much"])
def test_an_unusable_limit_is_a_usage_error(size: str, store: Path):
    screen = run("query", "SELECT 1", "--memory-limit", size, "--store", str(store))
    assert screen.status == 2
    assert "size" in screen.err or "--memory-limit" in screen.err


def test_the_limit_of_the_process_ends_with_the_query(store: Path):
    earlier = resource.getrlimit(resource.RLIMIT_DATA)
    assert (
        run("query", "SELECT length(repeat('x', 900000000))", "--memory-limit", "150MB", "--store", str(store)).status
        == 5
    )
    assert resource.getrlimit(resource.RLIMIT_DATA) == earlier
    assert run("query", "SELECT 1", "--store", str(store)).status == 0


def test_a_query_that_cannot_be_canceled_ends_the_prompt_and_restores_the_terminal(start: Start, tmp_path: Path):
    leader, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    process = start(stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
    os.read(leader, 1)
    time.sleep(3)
    os.write(leader, ONE_LONG_FUNCTION[0].encode() + b";\r")
    wait_until(lambda: spilled(tmp_path))
    time.sleep(1)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert time.monotonic() - sent < 3
    assert termios.tcgetattr(terminal) == before
    os.close(leader)
    os.close(terminal)
