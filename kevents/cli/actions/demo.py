"""Runs the real commands on the sample incident that ships with the package."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kevents.cli.terminal import encodable
from kevents.demo import INCIDENT
from kevents.errors import ExitStatus, UsageError
from kevents.store.disk import is_empty

if TYPE_CHECKING:
    from kevents.cli.program import Program
    from kevents.cli.terminal import Terminal

_WAITS = """\
SELECT name,
  date_diff('second', min(first_seen), max(first_seen)) AS seconds
FROM events WHERE reason IN ('FailedScheduling', 'Started') AND kind = 'Pod'
GROUP BY name HAVING count(*) > 1 ORDER BY seconds DESC"""
_POD = "pod/checkout-nnns6pdskv-rj7nt"


@dataclass(frozen=True)
class DemoStep:
    """A command line of the demo, and a question that explains it."""

    question: str
    arguments: tuple[str, ...]


STEPS = (
    DemoStep("Import a dump, the output of `kubectl get events -A -o json`.", ("import", str(INCIDENT))),
    DemoStep(
        "What went wrong in the last hour? One line per workload or node, worst first.",
        ("overview", "--by", "family", "--since", "1h", "--limit", "8", "--as-of", "last"),
    ),
    DemoStep("What changed before that?", ("rollouts", "-n", "shop", "--since", "1h", "--as-of", "last")),
    DemoStep(
        "What happened to a checkout pod? It is gone, but its history is in the store.",
        ("describe", _POD, "--history", "--as-of", "last"),
    ),
    DemoStep("A node was NotReady too. When, and for how long?", ("nodes", "--as-of", "last")),
    DemoStep("What else happened to it?", ("list", "--for", "node/node-3", "--as-of", "last")),
    DemoStep(
        "What keeps repeating, how fast, and is it still going on?",
        ("counts", "--since", "1h", "--limit", "8", "--as-of", "last"),
    ),
    DemoStep(
        "How bad was it, and when?",
        ("histogram", "--by", "severity", "--since", "1h", "--bucket", "10m", "--as-of", "last"),
    ),
    DemoStep("Which images were pulled, how long did they take, and which failed?", ("images", "--as-of", "last")),
    DemoStep(
        "Anything else, in SQL: how long from FailedScheduling to a started container?",
        ("query", "--as-of", "last", _WAITS),
    ),
)
NEXT = """\
# Next, try it on your own cluster:
$ kubectl get events -A -o json | kevents import -
$ kevents overview --since 1h
$ kevents describe pod/NAME --history
# `kevents record -A` keeps recording; `kevents --help` lists all commands."""


def run_demo(program: Program, keep: Path | None) -> int:
    """Print and run each step. Returns the exit status of the first that fails, else 0. keep: the store's directory."""
    terminal = program.terminal
    with _store(keep) as store:
        if status := _run_steps(store, program):
            return status
    if not keep:
        _narrate("# This store is deleted now; `kevents demo --keep DIR` keeps it.\n", terminal)
    _narrate(NEXT, terminal)
    if keep:
        _narrate(f"# To keep using this store: export KEVENTS_STORE={shlex.quote(str(keep))}", terminal)
    return ExitStatus.OK


def command_line(arguments: tuple[str, ...]) -> str:
    """The arguments as typed in a shell. SQL contains single quotes, so it is put into double quotes."""
    return " ".join(f'"{word}"' if "'" in word else shlex.quote(word) for word in arguments)


@contextmanager
def _store(keep: Path | None) -> Iterator[Path]:
    """A temporary directory, or the one to keep."""
    if keep is None:
        with TemporaryDirectory(prefix="kevents-demo-") as directory:
            yield Path(directory)
    elif keep.exists() and not (keep.is_dir() and is_empty(keep)):
        raise UsageError(f"{keep} is not an empty directory", "The sample events must not be mixed with real ones.")
    else:
        yield keep


def _run_steps(store: Path, program: Program) -> int:
    terminal = program.terminal
    demo_terminal = replace(terminal, env={**terminal.env, "KEVENTS_STORE": str(store)})
    _narrate(f"# A store for this demo.\n$ export KEVENTS_STORE={shlex.quote(str(store))}\n", terminal)
    for step in STEPS:
        _narrate(f"# {step.question}\n$ kevents {command_line(step.arguments)}", terminal)
        if status := program.run(step.arguments, demo_terminal, "kevents"):
            return status
        _narrate("", terminal)
    return ExitStatus.OK


def _narrate(text: str, terminal: Terminal) -> None:
    """Write and flush text between the results, with command lines in bold."""
    if terminal.use_color():
        text = "\n".join(f"\x1b[1m{line}\x1b[0m" if line.startswith("$ ") else line for line in text.split("\n"))
    terminal.stdout.write(encodable(text, terminal.stdout) + "\n")
    terminal.stdout.flush()
