"""The catalogue of reports is the directory `sql`: in each file a TOML header in the opening comment, then one SELECT."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from kevents.errors import UsageError
from kevents.result import Column, Kind, Show
from kevents.suggest import hint

_PACKAGE = Path(__file__).parent  # importlib.resources would take 20 ms of every start
E = TypeVar("E", bound=StrEnum)
# a line of TOML, or one of a list or table that goes on; all else in the comment is prose
_TOLD = re.compile(r"\s*(?:$|\[[\w.]+\]|[\w-]+ = |[\]})\"'{]|#)")


@dataclass(frozen=True)
class Argument:
    """What a report's command takes after its name; given, it asks another report, with the word bound as $name."""

    metavar: str
    help: str
    report: str


class Value(StrEnum):
    """What a parameter of a report is."""

    TEXT = "text"
    NUMBER = "number"  # a whole number
    DURATION = "duration"  # typed as 5m, 1h30m; an INTERVAL in SQL
    TIME = "time"  # typed as every time is; a TIMESTAMPTZ in SQL


@dataclass(frozen=True)
class Parameter:
    """A flag of a report's own, which its SQL reads as $name; null where it is not given and has no default."""

    name: str
    help: str
    metavar: str
    value: Value = Value.TEXT
    default: str | int | None = None


@dataclass(frozen=True)
class Report:
    """A named question.

    by: the columns that `--by` may name, the usual one first; the SQL reads it as $by.
    order: what the rows are sorted by, columns of the SELECT that need not be shown.
    keeps_newest: a limit keeps the last rows instead of the first. cap: rows that a terminal gets without --limit.
    document: an expression over the row (named `report`) for its Event as JSON.
    about, examples: what its help says below the summary, line by line. time: the form of its times, else age.
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


_HEADER = tuple(field.name for field in fields(Report) if field.name not in {"name", "sql"})


@cache
def reports() -> Mapping[str, Report]:
    """Every report by its name."""
    return {path.stem: parse(path.stem, path.read_text("utf-8")) for path in sorted(_PACKAGE.glob("sql/*.sql"))}


@cache
def load(file: str, name: str | None = None) -> Report:
    """The report of a file of this package that is no command by itself, such as `diff/diff.sql`."""
    return parse(name or Path(file).stem, text_of(file))


@cache
def text_of(file: str) -> str:
    """The SQL of a file of this package, such as `sql/reasons.sql`."""
    return (_PACKAGE / file).read_text("utf-8")


def parse(name: str, text: str) -> Report:
    """The report that a file's text describes; a UsageError says what is wrong with it."""
    header, body = _split(text)
    _check_keys(header, _HEADER, "the comment at its top")
    for needed in ("summary", "order", "columns"):
        if needed not in header:
            raise UsageError(f"the comment at its top has no {needed}", "kevents reports new writes one that has all.")
    if not body:
        raise UsageError("there is no SELECT below the comment at its top")
    columns = tuple(_columns(header.pop("columns")))
    argument = Argument(**header.pop("argument")) if "argument" in header else None
    parameters = tuple(_parameters(header.pop("parameters", {})))
    lists = {key: tuple(header.pop(key)) for key in ("order", "by", "aliases", "about", "examples") if key in header}
    return Report(**header, **lists, name=name, sql=body, columns=columns, argument=argument, parameters=parameters)  # type: ignore[arg-type]


def _split(text: str) -> tuple[dict[str, Any], str]:
    lines = text.splitlines()
    end = next((index for index, line in enumerate(lines) if not line.startswith("--")), len(lines))
    told = [line.removeprefix("--").removeprefix(" ") for line in lines[:end]]
    header = "\n".join(line for line in told if _TOLD.match(line))  # the rest is prose
    return tomllib.loads(header), "\n".join(lines[end:]).strip()


def _parameters(header: Mapping[str, Any]) -> Iterator[Parameter]:
    """`name = { value = "duration", metavar = "TIME", help = "…", default = "5m" }`."""
    for name, told in header.items():
        _check_keys(told, ("value", "metavar", "help", "default"), f"parameter {name}")
        words = {"help": "", "metavar": name.upper(), **told}
        yield Parameter(name, **{**words, "value": _one_of(Value, told.get("value", "text"), f"value of {name}")})


def _columns(header: Mapping[str, Any]) -> Iterator[Column]:
    """`name = "kind"`, or `name = { kind = …, show = …, label = … }`."""
    for name, value in header.items():
        told = {"kind": value} if isinstance(value, str) else value
        _check_keys(told, ("kind", "show", "label"), f"column {name}")
        kind = _one_of(Kind, told.get("kind", "text"), f"kind of {name}")
        yield Column(name, kind, _one_of(Show, told.get("show", "table"), f"show of {name}"), told.get("label"))


def _check_keys(told: object, allowed: Iterable[str], where: str) -> None:
    if not isinstance(told, dict):
        raise UsageError(f"{where} must be a table")
    for key in told:
        if key not in allowed:
            raise UsageError(f'{where} has an unknown "{key}"', hint(key, allowed))


def _one_of(kinds: type[E], word: object, where: str) -> E:
    try:
        return kinds(str(word))
    except ValueError:
        raise UsageError(f'the {where} cannot be "{word}"', hint(str(word), kinds)) from None
