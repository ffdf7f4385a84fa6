"""The entry point. It turns every failure into a message and an exit status."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from kevents import __version__
from kevents.errors import ExitStatus, KeventsError, QueryStillRuns, Terminated

if TYPE_CHECKING:
    import typer

    from kevents.cli.program import Program
    from kevents.cli.terminal import Terminal

COMPLETE = "__complete"  # the command that completion scripts call, and kubectl for its plugins
_GC_THRESHOLD = 50_000  # with Python's default of 700, garbage collection takes 5% of the run time


def main(arguments: Sequence[str] | None = None, terminal: Terminal | None = None, name: str = "kevents") -> int:
    """Run one command line and return its exit status. name: the name that the user called the program by."""
    from kevents.cli.program import Program
    from kevents.cli.terminal import Terminal

    os.umask(0o077)  # event messages can contain secrets: directories are 0700, files 0600
    gc.set_threshold(_GC_THRESHOLD)
    program = Program(terminal or Terminal.of_process(), _build, main)
    terminal = program.terminal
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == [COMPLETE]:
        return _complete(words[1:], program)
    if words == ["--version"]:
        terminal.stdout.write(f"kevents {__version__}\n")  # without importing typer, which takes three times as long
        return ExitStatus.OK
    return _run(words, program, name)


def kubectl() -> int:
    """The entry point of kubectl-kevents, which kubectl runs for `kubectl kevents`."""
    return main(name="kubectl kevents")


def kubectl_complete() -> int:
    """The entry point of kubectl_complete-kevents, which kubectl runs to complete `kubectl kevents`."""
    return main([COMPLETE, *sys.argv[1:]])


def _complete(words: Sequence[str], program: Program) -> int:
    """Write completion candidates. This does not import typer, because a user is waiting at the prompt."""
    from kevents.cli.completion.answer import answer
    from kevents.cli.terminal import encodable

    terminal = program.terminal
    try:
        terminal.stdout.write(encodable(answer(words, terminal.env, program.build), terminal.stdout))
        terminal.stdout.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        return _silence_broken_pipe()
    return ExitStatus.OK


def _run(words: Sequence[str], program: Program, name: str) -> int:
    import typer

    from kevents.cli.app import build
    from kevents.cli.defaults import Defaults, Settings

    terminal = program.terminal
    if terminal.is_process and words[:1] not in (["record"], ["import"]):
        _raise_on_signals()
    command = typer.main.get_command(build(terminal.env, command=words[0] if words else ""))
    defaults = Defaults(Settings(terminal.env, program.build))
    try:
        status = command.main(words, prog_name=name, standalone_mode=False, obj=program, default_map=defaults)
        return status if isinstance(status, int) else ExitStatus.OK
    except KeventsError as error:
        return terminal.fail(error)
    except BrokenPipeError:
        return _silence_broken_pipe()
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # typer exits with status 1 on a broken pipe
            return _silence_broken_pipe()
        raise
    except (KeyboardInterrupt, typer.Abort, Terminated) as ended:
        return _status(ended)
    except QueryStillRuns as error:
        _end_process(_status(error.__cause__), terminal)


def _raise_on_signals() -> None:
    """Raise Terminated for SIGTERM and SIGHUP, so that temporary files are deleted; a second one ends the process."""

    statuses = {signal.SIGTERM: ExitStatus.TERMINATED}
    if hasattr(signal, "SIGHUP"):  # not on Windows
        statuses[signal.SIGHUP] = ExitStatus.HANGUP

    def handle(number: int, _: FrameType | None) -> None:
        signal.signal(number, lambda number, _: os._exit(128 + number))
        raise Terminated(statuses[signal.Signals(number)])

    for number in statuses:
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(number, handle)


def _status(ended: BaseException | None) -> ExitStatus:
    return ended.exit_status if isinstance(ended, Terminated) else ExitStatus.INTERRUPTED


def _end_process(status: ExitStatus, terminal: Terminal) -> NoReturn:
    """End the process without waiting for the query, whose temporary files are deleted."""
    with suppress(OSError, ValueError):
        if status is ExitStatus.INTERRUPTED:
            terminal.warn("the query could not be canceled, so kevents ends")
        terminal.stdout.flush()
    os._exit(status)


def _build(env: Mapping[str, str] | None = None) -> typer.Typer:
    """Build the complete app. typer is imported only now."""
    from kevents.cli.app import build

    return build(env)


def _silence_broken_pipe() -> int:
    """Redirect standard output to the null device, so that the interpreter's final flush can't fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return ExitStatus.BROKEN_PIPE
