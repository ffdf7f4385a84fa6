"""The formats that `-o` knows, by name; the file of a format is loaded when it is asked for."""

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
    """A way to write results.

    writer: the function of a module of this package that writes it, at least one chunk a batch: `delimited.csv_chunks`.
    meaning: what it is, for help.
    for_people: aligned, aged and drawn; a result without rows is then a sentence instead of an empty document.
    """

    name: str
    writer: str
    meaning: str
    for_people: bool = False
    is_binary: bool = False

    def chunks(self, result: Result, look: Look) -> Chunks:
        """The written result, piece by piece, as its batches come."""
        module, _, function = self.writer.partition(".")
        write = getattr(import_module(f"kevents.render.{module}"), function)
        return cast("Callable[[Result, Look], Chunks]", write)(result, look)


ALL = (
    Format("table", "table.chunks", "columns below each other, in kubectl's look; what is usual", for_people=True),
    Format("wide", "table.chunks", "the same with more columns", for_people=True),
    Format("markdown", "markdown.chunks", "a table for an issue or a report", for_people=True),
    Format("json", "json.chunks", "one document: a list of objects, or of Events"),
    Format("jsonl", "json.line_chunks", "an object a line, as the answer comes"),
    Format("yaml", "yaml.chunks", "one document, or a List of Events"),
    Format("csv", "delimited.csv_chunks", "with a header; cells that a spreadsheet takes for formulas are guarded"),
    Format("tsv", "delimited.tsv_chunks", "with tabs between, and tabs in texts as \\t"),
    Format("parquet", "parquet.chunks", "typed columns, into a file", is_binary=True),
)
NAMES = tuple(known.name for known in ALL)


def find(name: str) -> Format:
    """The format of that name, or a usage error that lists them all."""
    for known in ALL:
        if known.name == name:
            return known
    raise UsageError(f'there is no output format "{name}"', hint(name, NAMES))
