"""The catalogue of reports is the folder `sql`: in each file a TOML header in the opening comment, then one SELECT."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from kevents.result import Column, Kind, Show


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
    is_command: bool = True
    keeps_newest: bool = False
    cap: int | None = None
    document: str | None = None


@cache
def reports() -> Mapping[str, Report]:
    """Every report by its name."""
    folder = files("kevents.report").joinpath("sql")
    texts = {entry.name.removesuffix(".sql"): entry.read_text("utf-8") for entry in folder.iterdir()}
    return {name: parse(name, texts[name]) for name in sorted(texts)}


def parse(name: str, text: str) -> Report:
    """The report that a file's text describes."""
    header, body = _split(text)
    columns = tuple(_columns(header.pop("columns")))
    argument = Argument(**header.pop("argument")) if "argument" in header else None
    parameters = tuple(_parameters(header.pop("parameters", {})))
    lists = {key: tuple(header.pop(key)) for key in ("order", "by", "aliases") if key in header}
    return Report(**header, **lists, name=name, sql=body, columns=columns, argument=argument, parameters=parameters)  # type: ignore[arg-type]


def _split(text: str) -> tuple[dict[str, Any], str]:
    lines = text.splitlines()
    end = next(index for index, line in enumerate(lines) if not line.startswith("--"))
    header = "\n".join(line.removeprefix("--").removeprefix(" ") for line in lines[:end])
    return tomllib.loads(header), "\n".join(lines[end:]).strip()


def _parameters(header: Mapping[str, Any]) -> Iterator[Parameter]:
    """`name = { value = "duration", metavar = "TIME", help = "…", default = "5m" }`."""
    for name, told in header.items():
        yield Parameter(name, **{**told, "value": Value(told.get("value", "text"))})


def _columns(header: Mapping[str, Any]) -> Iterator[Column]:
    """`name = "kind"`, or `name = { kind = …, show = …, label = … }`."""
    for name, value in header.items():
        told = {"kind": value} if isinstance(value, str) else value
        yield Column(name, Kind(told.get("kind", "text")), Show(told.get("show", "table")), told.get("label"))
