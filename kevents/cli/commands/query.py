"""`kevents query`: the user's own SQL over the same views as the reports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.questions import QuestionFlags
from kevents.errors import UsageError

if TYPE_CHECKING:
    from kevents.cli.console import Terminal
    from kevents.cli.prompt.answers import Answers

# \b keeps the lines of an example apart
HELP = """Ask in SQL over the events of the store, with DuckDB.

The views are events, occurrences, pulls and observations; the filters narrow them before the SQL sees them. It can
read the store and nothing else, and writes nothing. Without SQL, on a terminal, a prompt opens: with history,
completion, \\d for the views and \\? for the rest.

\b
    kevents query "SELECT reason, count(*) FROM events GROUP BY ALL ORDER BY 2"
    kevents query --since 1h "SELECT kind, count(*) FROM events GROUP BY kind"
    kevents query --schema
    kevents query
"""


def register(app: typer.Typer) -> None:
    app.command("query", help=HELP)(takes_flags(query))


def query(
    context: typer.Context,
    *,
    flags: QuestionFlags,
    sql: Annotated[str | None, typer.Argument(metavar="SQL", help="The SQL, or - for standard input.")] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", metavar="FILE", help="Read the SQL from a file.")] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="K=V", help="What the SQL reads as $K: a number, true, false or text."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the views, their columns and what they mean.")
    ] = False,
) -> None:
    """Ask in SQL."""
    from kevents.cli.prompt.answers import Answers

    terminal = terminal_of(context)
    answers = Answers(terminal, flags, dict(map(_parameter, param or ())))
    if schema:
        answers.schema()
    elif sql is None and file is None and terminal.is_asked:
        _prompt(answers, terminal)
    else:
        answers.sql(_text(sql, file, terminal))


def _prompt(answers: Answers, terminal: Terminal) -> None:
    from kevents.cli.prompt.session import run
    from kevents.cli.prompt.shell import Shell

    terminal.note(
        "SQL over the events of the store, ended by a semicolon. \\d lists the views, \\? explains, Ctrl-D leaves."
    )
    run(Shell(answers), terminal.env)


def _text(sql: str | None, file: Path | None, terminal: Terminal) -> str:
    if (sql is None) == (file is None):
        raise UsageError(
            "give the SQL as one argument, with -f FILE, or - for standard input", "See kevents query --help."
        )
    if sql == "-" or str(file) == "-":
        return terminal.stdin.read()
    if file is None:
        return sql or ""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"cannot read {file}: {reason}") from error


def _parameter(text: str) -> tuple[str, str | int | float | bool]:
    """K=V with V as a number or a truth value if it looks like one."""
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
