"""`kevents completion`: prints a shell completion script."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import complete_choices
from kevents.cli.program import terminal_of
from kevents.cli.shell_scripts import SCRIPTS

HELP = """Print a shell completion script.

It completes commands and flags, and from the store: namespaces, TYPE/NAME, reasons, nodes, images. It never contacts
the cluster. Installation instructions are at the top of the script. kubectl completes `kubectl kevents` by itself if
kubectl_complete-kevents is on the PATH.

\b
    source <(kevents completion bash)
    kevents completion zsh > "${fpath[1]}/_kevents"
    kevents completion fish > ~/.config/fish/completions/kevents.fish
"""


def register(app: typer.Typer) -> None:
    app.command("completion", help=HELP)(completion)


def completion(
    context: typer.Context,
    shell: Annotated[
        str | None,
        typer.Argument(
            metavar="SHELL",
            help=f"One of: {', '.join(SCRIPTS)}.",
            show_default=False,
            autocompletion=complete_choices(SCRIPTS),
        ),
    ] = None,
) -> None:
    from kevents.cli.actions.completion import write_script

    write_script(terminal_of(context), shell)
