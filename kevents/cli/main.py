"""The entry: the one `try` that turns every failure into a sentence and an exit status."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kevents import __version__
from kevents.errors import KeventsError

if TYPE_CHECKING:
    import typer

    from kevents.cli.program import Program
    from kevents.cli.terminal import Terminal

INTERRUPTED = 130
BROKEN_PIPE = 141
_GARBAGE = 50_000  # new objects until Python looks for circles among them: its usual 700 take a twentieth of an answer
COMPLETE = "__complete"  # what a shell's script, and kubectl of its plugins, asks with


def main(arguments: Sequence[str] | None = None, terminal: Terminal | None = None, name: str = "kevents") -> int:
    """Run one command line and return its exit status. name: what the user called it by."""
    from kevents.cli.program import Program
    from kevents.cli.terminal import Terminal

    os.umask(0o077)  # event messages can contain secrets: directories are 0700, files 0600
    gc.set_threshold(_GARBAGE)
    program = Program(terminal or Terminal.of_process(), _build, main)
    terminal = program.terminal
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == [COMPLETE]:
        return _complete(words[1:], program)
    if words == ["--version"]:
        terminal.stdout.write(f"kevents {__version__}\n")  # a third of the time that typer takes
        return 0
    return _run(words, program, name)


def kubectl() -> int:
    """`kubectl kevents`: kubectl runs what is called kubectl-kevents as a command of its own."""
    return main(name="kubectl kevents")


def kubectl_complete() -> int:
    """kubectl's completion of `kubectl kevents`, which asks what is called kubectl_complete-kevents."""
    return main([COMPLETE, *sys.argv[1:]])


def _complete(words: Sequence[str], program: Program) -> int:
    """Answer a shell before typer is imported: a prompt waits."""
    from kevents.cli.completion.answer import answer
    from kevents.cli.terminal import encodable

    terminal = program.terminal
    try:
        terminal.stdout.write(encodable(answer(words, terminal.env, program.build), terminal.stdout))
        terminal.stdout.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        return _hush_broken_pipe()
    return 0


def _run(words: Sequence[str], program: Program, name: str) -> int:
    import typer

    from kevents.cli.app import build
    from kevents.cli.defaults import Defaults, Settings
    from kevents.cli.typer_help import usage_error

    terminal = program.terminal
    command = typer.main.get_command(build(terminal.env, whole=words[0] if words else ""))
    defaults = Defaults(Settings(terminal.env, program.build))
    try:
        status = command.main(words, prog_name=name, standalone_mode=False, obj=program, default_map=defaults)
        return status if isinstance(status, int) else 0
    except typer.TyperException as error:  # typer's own: an unknown flag, a missing argument
        return terminal.fail(usage_error(error))
    except KeventsError as error:
        return terminal.fail(error)
    except BrokenPipeError:
        return _hush_broken_pipe()
    except SystemExit as leaving:
        # typer answers a broken pipe with exit status 1
        if isinstance(leaving.__context__, BrokenPipeError):
            return _hush_broken_pipe()
        raise
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED


def _build(env: Mapping[str, str] | None = None) -> typer.Typer:
    """The whole app; typer is imported once somebody asks for it."""
    from kevents.cli.app import build

    return build(env)


def _hush_broken_pipe() -> int:
    """Point standard output at nothing, so that the interpreter's last flush finds no broken pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return BROKEN_PIPE
