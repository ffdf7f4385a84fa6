"""The entry: the one `try` that turns every failure into a sentence and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from kevents.cli.app import build
from kevents.errors import KeventsError, UsageError

if TYPE_CHECKING:
    from kevents.cli.console import Terminal

INTERRUPTED = 130
BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None, terminal: Terminal | None = None) -> int:
    """Run one command line and return its exit status."""
    from kevents.cli.console import Terminal

    terminal = terminal or Terminal.of_process()
    command = typer.main.get_command(build())
    try:
        status = command.main(arguments, prog_name="kevents", standalone_mode=False, obj=terminal)
        return status if isinstance(status, int) else 0
    except typer.TyperException as error:  # typer's own: an unknown flag, a missing argument
        return terminal.fail(UsageError(error.format_message(), "see `kevents --help`"))
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


def _hush_broken_pipe() -> int:
    """Point standard output at nothing, so that the interpreter's last flush finds no broken pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return BROKEN_PIPE


if __name__ == "__main__":
    sys.exit(main())
