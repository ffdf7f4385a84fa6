"""The running program, as its commands see it: they get it from typer and import neither the app nor the entry."""

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
    """terminal: what a command talks to.

    build: makes the app; the environment brings the user's own reports. run: runs a command line under the name that
    the user called the program by, and gives its exit status.
    """

    terminal: Terminal
    build: Build
    run: Callable[[Sequence[str], Terminal, str], int]


def program_of(context: typer.Context) -> Program:
    """The program that a command belongs to."""
    program: Program = context.obj
    return program


def terminal_of(context: typer.Context) -> Terminal:
    """The terminal that a command talks to."""
    return program_of(context).terminal
