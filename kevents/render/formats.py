"""The output formats of `-o`, by name. The module of a format is imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from kevents.errors import UsageError
from kevents.suggest import hint

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

Chunks = Iterator[str] | Iterator[bytes]


@dataclass(frozen=True)
class Format:
    """An output format.

    writer: the function that writes it, as module.function of this package: `delimited.csv_chunks`.
    meaning: a description for the help.
    for_people: with aligned columns, ages and drawings. A result without rows is a sentence, not an empty document.
    """

    name: str
    writer: str
    meaning: str
    for_people: bool = False
    is_binary: bool = False

    def chunks(self, result: Result, look: Look) -> Chunks:
        """The text of the result, at least one chunk per batch."""
        module, _, function = self.writer.partition(".")
        write = getattr(import_module(f"kevents.render.{module}"), function)
        return cast("Callable[[Result, Look], Chunks]", write)(result, look)


ALL = (
    Format("table", "table.chunks", "aligned columns like kubectl (default)", for_people=True),
    Format("wide", "table.chunks", "table with more columns", for_people=True),
    Format("markdown", "markdown.chunks", "Markdown table", for_people=True),
    Format("json", "json.chunks", "one document: an array of objects, or a List of Events"),
    Format("jsonl", "json.line_chunks", "one JSON object per line, streamed"),
    Format("yaml", "yaml.chunks", "one document: a list of objects, or a List of Events"),
    Format("csv", "delimited.csv_chunks", "comma-separated; cells that look like spreadsheet formulas are escaped"),
    Format("tsv", "delimited.tsv_chunks", "tab-separated; tabs in text are written as \\t"),
    Format("parquet", "parquet.chunks", "Parquet file with typed columns", is_binary=True),
)
NAMES = tuple(known.name for known in ALL)


def find(name: str) -> Format:
    """The format of that name; an unknown name is a UsageError that lists all formats."""
    for known in ALL:
        if known.name == name:
            return known
    raise UsageError(f'unknown output format "{name}"', hint(name, NAMES))
