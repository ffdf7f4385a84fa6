"""The README's console blocks hold real output; `python -m tests.readme` writes it anew.

A block is commands, each after `$ `, and what they print on standard output, asked of the demo's incident.
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


def answer(arguments: list[str], store: Path) -> str:
    """What one command prints into a pipe."""
    screen = run(*arguments, env={"KEVENTS_STORE": str(store)})
    if screen.status:
        raise AssertionError(f"kevents {shlex.join(arguments)} failed with {screen.status}: {screen.said}")
    return "".join(line.rstrip() + "\n" for line in screen.shown.splitlines())


def refreshed(text: str) -> str:
    """The README with every console block as the commands answer it now."""
    with TemporaryDirectory() as directory:
        store = Path(directory)
        answer(["import", str(INCIDENT)], store)

        def block(match: re.Match[str]) -> str:
            commands = _COMMAND.findall(match.group(1))
            answers = (f"$ kevents {command}\n{answer(shlex.split(command), store)}" for command in commands)
            return "```console\n" + "\n".join(answers) + "```"

        return _BLOCK.sub(block, text)


if __name__ == "__main__":
    README.write_text(refreshed(README.read_text(encoding="utf-8")), encoding="utf-8")
