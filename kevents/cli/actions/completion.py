"""Writes a completion script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kevents.cli.shell_scripts import SCRIPTS, script
from kevents.errors import UsageError
from kevents.suggest import hint

if TYPE_CHECKING:
    from kevents.cli.terminal import Terminal


def write_script(terminal: Terminal, shell: str | None) -> None:
    """Write the script of a shell. Raises UsageError with the known shells if it is missing or unknown."""
    if shell is None:
        raise UsageError("which shell?", f"One of {', '.join(SCRIPTS)}.")
    if shell not in SCRIPTS:
        raise UsageError(f'no completion script for "{shell}"', hint(shell, SCRIPTS))
    terminal.stdout.write(script(shell))
