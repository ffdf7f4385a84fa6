"""The one place that writes standard output: a result, in the format that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from kevents.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.cli.console import Terminal
    from kevents.result import Result

FORMATS = ("table", "wide", "markdown", "json", "jsonl", "yaml", "csv", "tsv", "parquet")


@dataclass(frozen=True)
class Output:
    """How an answer is written: what the flags of `-o` and its neighbours say.

    time: age, absolute or both. color: None lets the terminal and its environment decide.
    """

    now: datetime
    format: str = "table"
    headers: bool = True
    time: str = "age"
    zone: tzinfo = UTC
    csv_guard: bool = True
    color: bool | None = None


def write(result: Result, output: Output, terminal: Terminal) -> int:
    """Write the result on standard output and its notes on standard error; how many rows it had."""
    raise NotImplementedError
