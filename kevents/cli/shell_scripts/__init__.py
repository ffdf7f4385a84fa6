"""The completion scripts, by shell."""

from __future__ import annotations

from pathlib import Path

SCRIPTS = {"bash": "kevents.bash", "zsh": "kevents.zsh", "fish": "kevents.fish", "powershell": "kevents.ps1"}


def script(shell: str) -> str:
    """The completion script of a shell."""
    return (Path(__file__).parent / SCRIPTS[shell]).read_text("utf-8")
