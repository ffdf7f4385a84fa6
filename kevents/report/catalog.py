"""The catalog of built-in reports: one file per report in the directory `sql`.

A report file starts with a comment that holds a TOML header. One SELECT follows.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from kevents.clock import parse_duration
from kevents.errors import UsageError
from kevents.report.header import ARGUMENT, COLUMN, HEADER, PARAMETER, check
from kevents.result import Column, Kind, Result, Show
from kevents.suggest import hint

_PARAMETER_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")  # of an SQL parameter, and of a flag
_PACKAGE = Path(__file__).parent  # importlib.resources would add 20 ms to every start
E = TypeVar("E", bound=StrEnum)
# a TOML table header or key, or the continuation of a list or table; all other comment lines are prose
_TOML_LINE = re.compile(r"\s*(?:$|\[[\w.]+\]|[\w-]+ = |[\]})\"'{]|#)")


@dataclass(frozen=True)
class Argument:
    """The optional argument of a report's command. With it, another report runs, which reads the word as $name."""

    metavar: str
    help: str
    report: str


class Value(StrEnum):
    """The type of a report parameter."""

    TEXT = "text"
    NUMBER = "number"  # an integer
    DURATION = "duration"  # typed as 5m, 1h30m; an INTERVAL in SQL
    TIME = "time"  # typed like every other time; a TIMESTAMPTZ in SQL


@dataclass(frozen=True)
class Parameter:
    """A report's own flag. The SQL reads it as $name; it is null if not given and without a default."""

    name: str
    help: str
    metavar: str
    value: Value = Value.TEXT
    default: str | int | None = None


@dataclass(frozen=True)
class Report:
    """A named query that is also a command.

    by: the columns that `--by` accepts, the default first; the SQL reads the choice as $by.
    order: the columns that the rows are sorted by; they need not be shown.
    keeps_newest: a limit keeps the last rows instead of the first. cap: rows shown on a terminal without --limit.
    document: an expression over the row (named `report`) that returns its Event as JSON.
    about, examples: lines of the command's help after the summary. time: the default time format; None means age.
    empty: the sentence shown if there are no rows.
    """

    name: str
    summary: str
    sql: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    by: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    argument: Argument | None = None
    parameters: tuple[Parameter, ...] = ()
    about: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    time: str | None = None
    is_command: bool = True
    keeps_newest: bool = False
    cap: int | None = None
    document: str | None = None
    empty: str = Result.empty


@cache
def reports() -> Mapping[str, Report]:
    """All built-in reports by name."""
    return {path.stem: parse(path.stem, path.read_text("utf-8")) for path in sorted(_PACKAGE.glob("sql/*.sql"))}


@cache
def load(file: str, name: str | None = None) -> Report:
    """A report of this package that runs inside another command, such as `diff/diff.sql`."""
    return parse(name or Path(file).stem, text_of(file))


@cache
def text_of(file: str) -> str:
    """The text of a SQL file of this package, such as `sql/reasons.sql`."""
    return (_PACKAGE / file).read_text("utf-8")


def parse(name: str, text: str) -> Report:
    """Parse a report file. Raises UsageError if the header or the SELECT is not valid."""
    header, body = _split(text)
    check(header, HEADER, "header", required=("summary", "order", "columns"))
    if not body:
        raise UsageError("no SELECT after the header")
    columns = tuple(_columns(header.pop("columns")))
    argument = _argument(header.pop("argument")) if "argument" in header else None
    parameters = tuple(_parameters(header.pop("parameters", {})))
    lists = {key: tuple(header.pop(key)) for key in ("order", "by", "aliases", "about", "examples") if key in header}
    return Report(**header, **lists, name=name, sql=body, columns=columns, argument=argument, parameters=parameters)  # type: ignore[arg-type]


def _split(text: str) -> tuple[dict[str, Any], str]:
    """The header and the SQL after it."""
    lines = text.splitlines()
    end = next((index for index, line in enumerate(lines) if not line.startswith("--")), len(lines))
    comment = [line.removeprefix("--").removeprefix(" ") for line in lines[:end]]
    header = "\n".join(line for line in comment if _TOML_LINE.match(line))
    return _toml(header), "\n".join(lines[end:]).strip()


def _toml(header: str) -> dict[str, Any]:
    try:
        return tomllib.loads(header)
    except (ValueError, RecursionError) as error:  # ValueError: also for a number with thousands of digits
        raise UsageError(f"header is not valid TOML: {error}") from error


def _argument(header: object) -> Argument:
    table = check(header, ARGUMENT, "argument", required=("metavar", "help", "report"))
    if not (_PACKAGE / "sql" / f"{table['report']}.sql").is_file():
        raise UsageError(f'argument cannot use the report "{table["report"]}"', "It must be a built-in report.")
    return Argument(**table)


def _parameters(header: Mapping[str, Any]) -> Iterator[Parameter]:
    """`name = { value = "duration", metavar = "TIME", help = "…", default = "5m" }`."""
    for name, table in header.items():
        if not _PARAMETER_NAME.fullmatch(name):
            raise UsageError(f'"{name}" cannot be the name of a parameter', "Use a-z, 0-9 and _, such as min_objects.")
        check(table, PARAMETER, f"parameter {name}")
        value = _member(Value, table.get("value", "text"), f"value of {name}")
        default = table.get("default")
        if default is not None and isinstance(default, int) != (value is Value.NUMBER):
            raise UsageError(f"default of {name} must be {'a whole number' if value is Value.NUMBER else 'a string'}")
        if value is Value.DURATION and isinstance(default, str):
            parse_duration(default)
        yield Parameter(name, **{"help": "", "metavar": name.upper(), **table, "value": value})


def _columns(header: Mapping[str, Any]) -> Iterator[Column]:
    """`name = "kind"`, or `name = { kind = …, show = …, label = … }`."""
    for name, value in header.items():
        if not name:
            raise UsageError("a column has no name")
        table = {"kind": value} if isinstance(value, str) else value
        check(table, COLUMN, f"column {name}")
        kind = _member(Kind, table.get("kind", "text"), f"kind of {name}")
        yield Column(name, kind, _member(Show, table.get("show", "table"), f"show of {name}"), table.get("label"))


def _member(members: type[E], text: object, where: str) -> E:
    try:
        return members(str(text))
    except ValueError:
        raise UsageError(f'{where} cannot be "{text}"', hint(str(text), members)) from None
