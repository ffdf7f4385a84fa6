"""`kevents query`: the user's own SQL over the same views as the reports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import ClockFlags, OutputFlags, ReadFlags, RowFlags, SelectionFlags, takes_flags
from kevents.errors import UsageError

if TYPE_CHECKING:
    from kevents.cli.console import Terminal
    from kevents.result import Result

# \b keeps the lines of an example apart
HELP = """Ask in SQL over the events of the store, with DuckDB.

The views are events, occurrences, pulls and observations; the filters narrow them before the SQL sees them. It can
read the store and nothing else, and writes nothing.

\b
    kevents query "SELECT reason, count(*) FROM events GROUP BY ALL ORDER BY 2 DESC"
    kevents query --since 1h "SELECT node, sum(occurrences) FROM occurrences GROUP BY ALL"
    kevents query --schema
"""


def register(app: typer.Typer) -> None:
    app.command("query", help=HELP)(takes_flags(query))


def query(
    context: typer.Context,
    *,
    selection: SelectionFlags,
    rows: RowFlags,
    output: OutputFlags,
    clock: ClockFlags,
    store: ReadFlags,
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
    from kevents.cli.asking import Asking

    terminal: Terminal = context.obj
    if schema:
        _write_schema(terminal, output, clock)
        return
    text = _text(sql, file, terminal)
    parameters = dict(map(_parameter, param or ()))
    asking = Asking.of(terminal, store, selection, clock, output)

    from kevents.query.answer import Rows, answer

    wanted = Rows(rows.sort_by, rows.limit)
    asking.write(answer(asking.engine(), text, parameters, wanted, is_capped=asking.is_capped))


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


def _write_schema(terminal: Terminal, output: OutputFlags, clock: ClockFlags) -> None:
    from kevents import clock as clocks
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.output import write

    write(_schema(), output_of(output, clocks.now(), zone_of(clock)), terminal)


def _schema() -> Result:
    import pyarrow as pa

    from kevents.query.schema import FUNCTIONS, VIEWS
    from kevents.result import Column, Result

    rows = [
        row
        for view in VIEWS
        for row in ((view.name, None, None, view.meaning), *((view.name, *field) for field in view.columns))
    ]
    rows += [("(function)", *function) for function in FUNCTIONS]
    names = ("view", "column", "type", "meaning")
    batch = pa.RecordBatch.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    return Result(tuple(map(Column, names)), [batch])
