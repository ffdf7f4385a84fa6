"""`kevents completion`: the script that lets a shell complete commands, flags, and names from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.program import terminal_of
from kevents.errors import UsageError

if TYPE_CHECKING:
    pass

HELP = """Print the script that completes kevents in a shell.

It completes commands and flags, and from the store what they take: namespaces, TYPE/NAME, reasons, nodes, images. No
cluster is asked. How to install it stands at its top. `kubectl kevents` completes by itself where kubectl does, as
long as kubectl_complete-kevents is on the PATH.

\b
    source <(kevents completion bash)
    kevents completion zsh > "${fpath[1]}/_kevents"
    kevents completion fish > ~/.config/fish/completions/kevents.fish
"""


SCRIPTS = {"bash": "kevents.bash", "zsh": "kevents.zsh", "fish": "kevents.fish", "powershell": "kevents.ps1"}


def register(app: typer.Typer) -> None:
    app.command("completion", help=HELP)(completion)


def completion(
    context: typer.Context,
    shell: Annotated[
        str | None, typer.Argument(metavar="SHELL", help=f"One of: {', '.join(SCRIPTS)}.", show_default=False)
    ] = None,
) -> None:
    from kevents.suggest import hint

    terminal = terminal_of(context)
    if shell is None:
        raise UsageError("for which shell?", f"One of {', '.join(SCRIPTS)}.")
    if shell not in SCRIPTS:
        raise UsageError(f'there is no completion for "{shell}"', hint(shell, SCRIPTS))
    terminal.stdout.write(script(shell))


def script(shell: str) -> str:
    """The completion script of a shell."""
    from importlib.resources import files

    return files("kevents.cli.completion").joinpath(f"scripts/{SCRIPTS[shell]}").read_text("utf-8")
