"""The running program. Commands get it from typer's context, so they need not import the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

    from kevents.cli.terminal import Terminal

Build = Callable[[Mapping[str, str] | None], "typer.Typer"]


@dataclass(frozen=True)
class Program:
    """The running program.

    terminal: the streams and the environment. build: builds the app, with the user's own reports if an environment is
    given. run: runs a command line under the given program name and returns the exit status.
    """

    terminal: Terminal
    build: Build
    run: Callable[[Sequence[str], Terminal, str], int]


def program_of(context: typer.Context) -> Program:
    """The program of a command's context."""
    program: Program = context.obj
    return program


def terminal_of(context: typer.Context) -> Terminal:
    """The terminal of a command's context."""
    return program_of(context).terminal
