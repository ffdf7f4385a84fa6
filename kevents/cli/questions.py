"""The groups of flags that questions take together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

import typer

from kevents.cli.flags import ClockFlags, ConnectionFlags, OutputFlags, ReadFlags, RowFlags, SelectionFlags


class Asked(Protocol):
    """The flags that say what a question is about and how it is answered."""

    @property
    def selection(self) -> SelectionFlags: ...
    @property
    def output(self) -> OutputFlags: ...
    @property
    def clock(self) -> ClockFlags: ...
    @property
    def store(self) -> ReadFlags: ...


@dataclass(frozen=True)
class QuestionFlags:
    """The flags of a question that is answered with rows."""

    selection: SelectionFlags
    rows: RowFlags
    output: OutputFlags
    clock: ClockFlags
    store: ReadFlags


@dataclass(frozen=True)
class DrawingFlags:
    """The flags of a question whose rows have one order."""

    selection: SelectionFlags
    output: OutputFlags
    clock: ClockFlags
    store: ReadFlags


@dataclass(frozen=True)
class ObjectFlags(DrawingFlags):
    """Those of a question about an object, which a cluster may answer as well."""

    connection: ConnectionFlags


ShowSql = Annotated[bool, typer.Option("--show-sql", help="Print the SQL instead of running it.")]
