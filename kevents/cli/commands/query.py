"""`kevents query`: the user's own SQL over the same views as the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import QueryFlags
from kevents.cli.program import terminal_of

# \b keeps the line breaks of the paragraph that follows
HELP = """Query events with SQL (DuckDB).

The views are events, occurrences, pulls, relations and observations; filters are applied before your SQL runs.
Read-only; only the store can be read. Without SQL, on a terminal, an interactive prompt opens, with history and
completion: \\d lists the views, \\? shows help.

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
    flags: QueryFlags,
    sql: Annotated[str | None, typer.Argument(metavar="SQL", help="The SQL, or - for stdin.")] = None,
    file: Annotated[Path | None, Flag("-f", "--file", metavar="FILE", help="Read the SQL from a file.")] = None,
    param: Annotated[
        list[str] | None,
        Flag("--param", metavar="K=V", help="Set SQL parameter $K (number, true/false or text)."),
    ] = None,
    memory_limit: Annotated[
        str | None,
        Flag(
            "--memory-limit",
            metavar="SIZE",
            help="Memory for the query, such as 4GB; the default is 2GB, or half of the memory if that is less.",
        ),
    ] = None,
    schema: Annotated[bool, Flag("--schema", help="Print the views, their columns and what they mean.")] = False,
) -> None:
    from kevents.cli.actions.query import run_query

    run_query(terminal_of(context), flags, sql, file, param or (), memory=memory_limit, schema=schema)
