"""Completion in real bash, zsh and fish, and through real kubectl. Tests are skipped if a program is not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from kevents.demo import INCIDENT
from tests.cli.shells import completed, install
from tests.screen import run

_LINES = [
    ("kevents rea", "kevents reasons "),
    ("kevents list --time-", "kevents list --time-"),
    ("kevents list --no-h", "kevents list --no-headers "),
    ("kevents list -o jsonl", "kevents list -o jsonl "),
    ("kevents list --reason=NodeN", "kevents list --reason=NodeNotReady "),
    ("kevents list --for deploy/car", "kevents list --for deploy/cart "),
    ("kevents store inf", "kevents store info "),
    ("kevents completion power", "kevents completion powershell "),
]


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with kevents on the PATH and a store whose names are indexed."""
    home = tmp_path_factory.mktemp("home")
    install(home / "bin")
    store = home / "store"
    assert run("import", str(INCIDENT), env={"KEVENTS_STORE": str(store)}).status == 0
    variables = {
        "HOME": str(home),
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "KEVENTS_STORE": str(store),
        "XDG_CACHE_HOME": str(home / "cache"),
        "LANG": "C.UTF-8",
    }
    for _ in range(50):
        if "NodeNotReady" in _output(["kevents", "__complete", "list", "--reason", "N"], variables):
            return variables
        time.sleep(0.1)
    raise AssertionError("the names were not indexed")


def _output(command: list[str], env: dict[str, str]) -> str:
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def _need(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@pytest.mark.parametrize(("line", "completed_line"), _LINES)
def test_bash_completes(line: str, completed_line: str, env: dict[str, str]) -> None:
    shell = [_need("bash"), "--norc", "--noprofile", "-i"]
    assert completed(shell, "source <(kevents completion bash)", line, env) == completed_line


@pytest.mark.parametrize(("line", "completed_line"), _LINES)
def test_zsh_completes(line: str, completed_line: str, env: dict[str, str]) -> None:
    shell = [_need("zsh"), "-f", "-i"]
    setup = "unsetopt zle_bracketed_paste prompt_cr; autoload -Uz compinit; compinit -u -D; . <(kevents completion zsh)"
    assert completed(shell, setup, line, env) == completed_line.rstrip()  # zsh removes the space when more is typed


def test_zsh_loads_the_script_from_its_fpath(env: dict[str, str], tmp_path: Path) -> None:
    shell = [_need("zsh"), "-f", "-i"]
    (tmp_path / "_kevents").write_text(run("completion", "zsh").out)
    setup = f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u -D"
    assert completed(shell, setup, "kevents rea", env) == "kevents reasons"


@pytest.mark.parametrize(("line", "completed_line"), _LINES)
def test_fish_completes(line: str, completed_line: str, env: dict[str, str]) -> None:
    command = f"kevents completion fish | source; complete --do-complete '{line}'"
    candidates = [
        text.partition("\t")[0] for text in _output([_need("fish"), "--no-config", "-c", command], env).splitlines()
    ]
    *_, word = completed_line.split()
    assert word in candidates or (line == completed_line and not candidates)


def test_fish_shows_the_summary_of_a_command(env: dict[str, str]) -> None:
    command = "kevents completion fish | source; complete --do-complete 'kevents imag'"
    assert "images\tImage pulls" in _output([_need("fish"), "--no-config", "-c", command], env)


def test_file_names_are_completed_for_a_file_argument(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "dump-of-today.json").write_text("{}")
    line, completed_line = f"kevents import {tmp_path}/dump", f"kevents import {tmp_path}/dump-of-today.json "
    bash = [_need("bash"), "--norc", "--noprofile", "-i"]
    assert completed(bash, "source <(kevents completion bash)", line, env) == completed_line


def test_kubectl_runs_and_completes_the_plugin(env: dict[str, str]) -> None:
    kubectl = _need("kubectl")
    help_text = _output([kubectl, "kevents", "tail", "--help"], env)
    assert help_text.startswith("Usage: kubectl kevents tail [OPTIONS]")
    assert _output([kubectl, "kevents", "list", "--reason", "NodeNotReady", "--no-headers"], env)
    completion = _output([kubectl, "__complete", "kevents", "list", "--re"], env)
    assert completion == "--reason\tFilter by reason, e.g. BackOff.\n:4\n"
    assert "deployment/cart" in _output([kubectl, "__complete", "kevents", "list", "--for", "deployment/"], env).split()
