"""Completion in real bash, zsh and fish, and through real kubectl; each is skipped where it is not installed."""

from __future__ import annotations

import os
import resource
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
    """A user's environment with kevents on the PATH and a store whose names were learned by completing once."""
    home = tmp_path_factory.mktemp("home")
    install(home / "bin")
    store = home / "store"
    assert run("import", str(INCIDENT), env={"KEVENTS_STORE": str(store)}).status == 0
    told = {
        "HOME": str(home),
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "KEVENTS_STORE": str(store),
        "XDG_CACHE_HOME": str(home / "cache"),
        "LANG": "C.UTF-8",
    }
    for _ in range(50):
        if "NodeNotReady" in _asked(["kevents", "__complete", "list", "--reason", "N"], told):
            return told
        time.sleep(0.1)
    raise AssertionError("the names were not learned")


def _asked(command: list[str], env: dict[str, str]) -> str:
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def _need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not here")
    return found


@pytest.mark.parametrize(("line", "whole"), _LINES)
def test_bash_completes(line: str, whole: str, env: dict[str, str]) -> None:
    shell = [_need("bash"), "--norc", "--noprofile", "-i"]
    assert completed(shell, "source <(kevents completion bash)", line, env) == whole


@pytest.mark.parametrize(("line", "whole"), _LINES)
def test_zsh_completes(line: str, whole: str, env: dict[str, str]) -> None:
    shell = [_need("zsh"), "-f", "-i"]
    setup = "unsetopt zle_bracketed_paste prompt_cr; autoload -Uz compinit; compinit -u -D; . <(kevents completion zsh)"
    assert completed(shell, setup, line, env) == whole.rstrip()  # it takes its own blank back when more is typed


def test_zsh_takes_the_script_from_its_fpath(env: dict[str, str], tmp_path: Path) -> None:
    shell = [_need("zsh"), "-f", "-i"]
    (tmp_path / "_kevents").write_text(run("completion", "zsh").shown)
    setup = f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u -D"
    assert completed(shell, setup, "kevents rea", env) == "kevents reasons"


@pytest.mark.parametrize(("line", "whole"), _LINES)
def test_fish_completes(line: str, whole: str, env: dict[str, str]) -> None:
    ask = f"kevents completion fish | source; complete --do-complete '{line}'"
    offered = [one.partition("\t")[0] for one in _asked([_need("fish"), "--no-config", "-c", ask], env).splitlines()]
    *_, word = whole.split()
    assert word in offered or (line == whole and not offered)


def test_fish_shows_what_a_command_means(env: dict[str, str]) -> None:
    ask = "kevents completion fish | source; complete --do-complete 'kevents imag'"
    assert "images\tImage pulls" in _asked([_need("fish"), "--no-config", "-c", ask], env)


def test_file_names_complete_where_a_file_is_wanted(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "dump-of-today.json").write_text("{}")
    line, whole = f"kevents import {tmp_path}/dump", f"kevents import {tmp_path}/dump-of-today.json "
    bash = [_need("bash"), "--norc", "--noprofile", "-i"]
    assert completed(bash, "source <(kevents completion bash)", line, env) == whole


def test_kubectl_runs_and_completes_the_plugin(env: dict[str, str]) -> None:
    kubectl = _need("kubectl")
    shown = _asked([kubectl, "kevents", "tail", "--help"], env)
    assert shown.startswith("Usage: kubectl kevents tail [OPTIONS]")
    assert _asked([kubectl, "kevents", "list", "--reason", "NodeNotReady", "--no-headers"], env)
    asked = _asked([kubectl, "__complete", "kevents", "list", "--re"], env)
    assert asked == "--reason\tOnly this reason, such as BackOff.\n:4\n"
    assert "deployment/cart" in _asked([kubectl, "__complete", "kevents", "list", "--for", "deployment/"], env).split()


def test_commands_and_flags_take_120_ms_of_work_and_names_300(env: dict[str, str]) -> None:
    """Of the processor's time, for the machine may be busy."""

    def took(*words: str) -> float:
        times = []
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            _asked(["kevents", "__complete", *words], env)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(times)

    assert took("list", "--re") < 0.12
    assert took("list", "--for", "pod/") < 0.3
