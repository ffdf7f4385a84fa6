"""`kevents demo`: the real commands, one after the other, on an invented incident in a throw-away store."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.console import encodable
from kevents.cli.program import program_of
from kevents.demo import INCIDENT
from kevents.errors import UsageError

if TYPE_CHECKING:
    from kevents.cli.console import Terminal
    from kevents.cli.program import Program

_NO_ROOM = """\
SELECT name,
  date_diff('second', min(first_seen), max(first_seen)) AS seconds
FROM events WHERE reason IN ('FailedScheduling', 'Started') AND kind = 'Pod'
GROUP BY name HAVING count(*) > 1 ORDER BY seconds DESC"""


@dataclass(frozen=True)
class Step:
    """A command line of the walk, and why one would ask it."""

    why: str
    arguments: tuple[str, ...]


_POD = "pod/checkout-nnns6pdskv-rj7nt"

STEPS = (
    Step("What does the dump hold? It is what `kubectl get events -A -o json` printed.", ("import", str(INCIDENT))),
    Step(
        "What mattered in the last hour? A workload a line, the worst first.",
        ("overview", "--by", "family", "--since", "1h", "--limit", "8", "--as-of", "last"),
    ),
    Step("What was changed before that?", ("rollouts", "-n", "shop", "--since", "1h", "--as-of", "last")),
    Step(
        "What happened to a pod of that rollout? It is gone; the store knows its life.",
        ("describe", _POD, "--history", "--as-of", "last"),
    ),
    Step("And a node was not ready meanwhile. When, and how long?", ("nodes", "--as-of", "last")),
    Step("What else is told of it?", ("list", "--for", "node/node-3", "--as-of", "last")),
    Step(
        "What repeats, how fast, and does it still go on?",
        ("counts", "--since", "1h", "--limit", "8", "--as-of", "last"),
    ),
    Step(
        "How bad was it, and when?",
        ("histogram", "--by", "severity", "--since", "1h", "--bucket", "10m", "--as-of", "last"),
    ),
    Step("Which images were pulled, how long did it take, which fail?", ("images", "--as-of", "last")),
    Step("And what no report asks: how long did pods wait for room?", ("query", "--as-of", "last", _NO_ROOM)),
)

NEXT = """\
# Now your own cluster, and then the same questions:
$ kubectl get events -A -o json | kevents import -
$ kevents overview --since 1h
$ kevents describe pod/NAME --history
# `kevents record -A` keeps what comes; `kevents --help` names every command."""


HELP = """Walk through an invented incident with the real commands.

They run on a throw-away store; yours is not touched. The examples in the help of other commands know its names.

\b
    kevents demo
    kevents demo --keep demo-store
"""


def register(app: typer.Typer) -> None:
    app.command("demo", help=HELP)(demo)


def demo(
    context: typer.Context,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Leave the store in this folder, which must be empty or new.")
    ] = None,
) -> None:
    program = program_of(context)
    terminal = program.terminal
    with _store(keep) as store:
        status = _walk(store, program)
    if status:
        raise typer.Exit(status)
    _tell(NEXT, terminal)
    if keep:
        _tell(f"# The demo's store stays: export KEVENTS_STORE={shlex.quote(str(keep))}", terminal)


@contextmanager
def _store(keep: Path | None) -> Iterator[Path]:
    """An empty folder that goes again, or the one to keep."""
    if keep is None:
        with TemporaryDirectory(prefix="kevents-demo-") as folder:
            yield Path(folder)
    elif keep.exists() and not (keep.is_dir() and not any(keep.iterdir())):
        raise UsageError(f"{keep} is not an empty folder", "The demo keeps its invented events apart from real ones.")
    else:
        yield keep


def _walk(store: Path, program: Program) -> int:
    """Say and run each command; the exit status of the first that fails, else 0."""
    terminal = program.terminal
    inside = replace(terminal, env={**terminal.env, "KEVENTS_STORE": str(store)})
    _tell(f"# A store for this demo.\n$ export KEVENTS_STORE={shlex.quote(str(store))}\n", terminal)
    for step in STEPS:
        _tell(f"# {step.why}\n$ kevents {command_line(step.arguments)}", terminal)
        if status := program.run(step.arguments, inside, "kevents"):
            return status
        _tell("", terminal)
    return 0


def command_line(arguments: tuple[str, ...]) -> str:
    """The arguments as one would type them; SQL, whose texts are in single quotes, goes into double ones."""
    return " ".join(f'"{each}"' if "'" in each else shlex.quote(each) for each in arguments)


def _tell(text: str, terminal: Terminal) -> None:
    """Write narration, the commands in bold where that can be seen, before anything goes to standard error."""
    if terminal.use_color():
        text = "\n".join(f"\x1b[1m{line}\x1b[0m" if line.startswith("$ ") else line for line in text.split("\n"))
    terminal.stdout.write(encodable(text, terminal.stdout) + "\n")
    terminal.stdout.flush()
