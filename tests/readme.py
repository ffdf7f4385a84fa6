"""Refreshes the README's console blocks with real output: `python -m tests.readme`.

A block contains commands, each after `$ `, and their standard output on the demo's incident.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

from kevents.demo import INCIDENT
from tests.screen import run

README = Path(__file__).parents[1] / "README.md"

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ kevents (.*?)(?=\n)", re.MULTILINE)


def output(arguments: list[str], store: Path) -> str:
    """What a command prints to a pipe."""
    screen = run(*arguments, env={"KEVENTS_STORE": str(store)})
    if screen.status:
        raise AssertionError(f"kevents {shlex.join(arguments)} failed with {screen.status}: {screen.err}")
    return "".join(line.rstrip() + "\n" for line in screen.out.splitlines())


def refreshed(text: str) -> str:
    """The README with the current output of the commands in every console block."""
    with TemporaryDirectory() as directory:
        store = Path(directory)
        output(["import", str(INCIDENT)], store)

        def block(match: re.Match[str]) -> str:
            commands = _COMMAND.findall(match.group(1))
            outputs = (f"$ kevents {command}\n{output(shlex.split(command), store)}" for command in commands)
            return "```console\n" + "\n".join(outputs) + "```"

        return _BLOCK.sub(block, text)


if __name__ == "__main__":
    README.write_text(refreshed(README.read_text(encoding="utf-8")), encoding="utf-8")
