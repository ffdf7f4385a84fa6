"""Writes a completion script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kevents.cli.shell_scripts import SCRIPTS, script
from kevents.errors import UsageError
from kevents.suggest import hint

if TYPE_CHECKING:
    from kevents.cli.terminal import Terminal


def write_script(terminal: Terminal, shell: str | None) -> None:
    """Write the script of a shell; without one, or for an unknown one, a UsageError names those there are."""
    if shell is None:
        raise UsageError("which shell?", f"One of {', '.join(SCRIPTS)}.")
    if shell not in SCRIPTS:
        raise UsageError(f'no completion script for "{shell}"', hint(shell, SCRIPTS))
    terminal.stdout.write(script(shell))
