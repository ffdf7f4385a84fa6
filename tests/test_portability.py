"""What only some systems have is asked for with care: everything goes on where it is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kevents.source.cluster.kubeconfig import Flags, find

ROOT = Path(__file__).parents[1]

# What Windows lacks, of modules and of functions; macOS has all of them.
ELSEWHERE = """
import os, pkgutil, select, signal, subprocess, sys
# the libraries are those of this system
import duckdb, filelock, kubernetes, numpy, platformdirs, prompt_toolkit, pyarrow.parquet, rich.console, typer, urllib3

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"fcntl", "termios", "tty", "pty", "resource", "pwd", "grp", "syslog", "crypt"}:
            raise ImportError(f"there is no {name} here")

if sys.argv[1] == "modules":
    sys.meta_path.insert(0, Refused())
    for name in ("fcntl", "termios", "resource", "pwd", "grp", "tty", "pty"):
        sys.modules.pop(name, None)
for name in ("fork", "killpg", "nice", "pread", "getuid", "geteuid", "sendfile", "setsid", "statvfs", "uname"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("poll", "epoll"):
    delattr(select, name)
for name in ("SIGHUP", "SIGPIPE", "SIGWINCH", "SIGUSR1", "SIGKILL"):
    delattr(signal, name)
"""
IMPORTS = """
import kevents
for found in pkgutil.walk_packages(kevents.__path__, "kevents."):
    if not found.name.endswith("__main__"):
        __import__(found.name)
print("imported", sum(name.startswith("kevents.") for name in sys.modules))
"""
ASKS = """
from kevents.cli.main import main
store, dump = sys.argv[2:]
codes = [main([*words, "--store", store]) for words in (("import", dump), ("list",), ("store", "compact"), ("status",))]
print("ended with", codes)
"""


def run(program: str, *arguments: str) -> str:
    """What a program says on a system like that."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", ELSEWHERE + program, *arguments]
    ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_every_module_can_be_imported_on_a_system_without_what_unix_has() -> None:
    assert int(run(IMPORTS, "modules").split()[-1]) > 200


@pytest.mark.parametrize("without", ["modules", "functions"])
def test_a_dump_is_imported_asked_about_and_compacted_there(tmp_path: Path, without: str) -> None:
    dump = ROOT / "tests/store/older/dump.ndjson"
    shown = run(ASKS, without, str(tmp_path / "store"), str(dump))
    assert shown.splitlines()[-1] == "ended with [0, 0, 0, 0]"
    assert "Started container 5" in shown


def test_kubeconfigs_are_listed_as_the_system_lists_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        file.write_text("kind: Config")
    monkeypatch.setattr(os, "pathsep", ";")
    assert find(Flags(), {"KUBECONFIG": ";".join(map(str, files))}, tmp_path) == files
