"""Runs the user's SQL, or opens the prompt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.prompt.run import PromptCommands
from kevents.errors import UsageError
from kevents.maintenance.retention import parse_size
from kevents.query.memory import memory_limit

if TYPE_CHECKING:
    from kevents.cli.flags import QueryFlags
    from kevents.cli.terminal import Terminal


def run_query(
    terminal: Terminal,
    flags: QueryFlags,
    sql: str | None,
    file: Path | None,
    parameters: Iterable[str],
    *,
    memory: str | None,
    schema: bool,
) -> None:
    """Run the SQL and write the result; or write the schema; or open the prompt if there is no SQL on a terminal.

    parameters: K=V each. memory: the limit, as a size.
    """
    limit = memory_limit(parse_size(memory) if memory else None)
    commands = PromptCommands(terminal, flags, dict(map(_parameter, parameters)), limit)
    if schema:
        commands.schema()
    elif sql is None and file is None and terminal.can_prompt:
        _open_prompt(commands, terminal)
    else:
        commands.sql(_text(sql, file, terminal))


def _open_prompt(commands: PromptCommands, terminal: Terminal) -> None:
    from kevents.cli.prompt.session import run
    from kevents.cli.prompt.shell import Shell

    terminal.note("SQL on the event store; end statements with a semicolon. \\d views, \\? help, Ctrl-D quit.")
    run(Shell(commands), terminal.env)


def _text(sql: str | None, file: Path | None, terminal: Terminal) -> str:
    if (sql is None) == (file is None):
        raise UsageError("give the SQL as one argument, with -f FILE, or - for stdin", "See kevents query --help.")
    if sql == "-" or str(file) == "-":
        return terminal.stdin.read()
    if file is None:
        return sql or ""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UsageError(f"cannot read {file}: {reason}") from error


def _parameter(text: str) -> tuple[str, str | int | float | bool]:
    """Parse K=V. V can be a number, true or false; anything else is text."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f'--param takes K=V, not "{text}"')
    if value in {"true", "false"}:
        return name, value == "true"
    if re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", value):
        return name, int(value)
    if re.fullmatch(r"-?\d+[.]\d+", value):
        return name, float(value)
    return name, value
