"""Everything works without modules and functions that only some systems have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kevents.source.cluster.kubeconfig import Flags, find

ROOT = Path(__file__).parents[1]

# Removes modules and functions that Windows does not have. macOS has all of them.
REMOVE = """
import os, pkgutil, select, shutil, signal, subprocess, sys
# libraries are imported first, because they may use them
import duckdb, filelock, kubernetes, numpy, platformdirs, prompt_toolkit, pyarrow.parquet, rich.console, typer, urllib3

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"fcntl", "termios", "tty", "pty", "resource", "pwd", "grp", "syslog", "crypt"}:
            raise ImportError(f"no module {name}")

if sys.argv[1] == "modules":
    sys.meta_path.insert(0, Missing())
    for name in ("fcntl", "termios", "resource", "pwd", "grp", "tty", "pty"):
        sys.modules.pop(name, None)
for name in ("fork", "killpg", "nice", "pread", "getuid", "geteuid", "sendfile", "setsid", "statvfs", "uname"):
    if hasattr(os, name):
        delattr(os, name)
shutil.disk_usage = lambda path: shutil._ntuple_diskusage(10**12, 0, 10**12)  # Windows has it without statvfs
for name in ("poll", "epoll"):
    delattr(select, name)
for name in ("SIGHUP", "SIGPIPE", "SIGWINCH", "SIGUSR1", "SIGKILL"):
    delattr(signal, name)
"""
IMPORTS = """
import kevents
for module in pkgutil.walk_packages(kevents.__path__, "kevents."):
    if not module.name.endswith("__main__"):
        __import__(module.name)
print("imported", sum(name.startswith("kevents.") for name in sys.modules))
"""
COMMANDS = """
from kevents.cli.main import main
store, dump = sys.argv[2:]
commands = ("import", dump), ("list",), ("store", "compact"), ("status",)
statuses = [main([*words, "--store", store]) for words in commands]
print("exit statuses", [int(status) for status in statuses])
"""


def run(program: str, *arguments: str) -> str:
    """The output of a program on a system without them."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", REMOVE + program, *arguments]
    process = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_every_module_can_be_imported_without_unix_modules() -> None:
    assert int(run(IMPORTS, "modules").split()[-1]) > 200


@pytest.mark.parametrize("without", ["modules", "functions"])
def test_import_list_compact_and_status_work_there(tmp_path: Path, without: str) -> None:
    dump = ROOT / "tests/store/older/dump.ndjson"
    output = run(COMMANDS, without, str(tmp_path / "store"), str(dump))
    assert output.splitlines()[-1] == "exit statuses [0, 0, 0, 0]"
    assert "Started container 5" in output


def test_kubeconfig_paths_are_separated_as_on_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        file.write_text("kind: Config")
    monkeypatch.setattr(os, "pathsep", ";")
    assert find(Flags(), {"KUBECONFIG": ";".join(map(str, files))}, tmp_path) == files
